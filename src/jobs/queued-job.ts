import type { Clock } from '../base/clock.ts';
import { asCamboxError, type CamboxError } from '../base/errors.ts';
import { type MonoUs, monoPlus, msFromUs, usFromMs } from '../base/units.ts';
import type { Job, JobContext, JobOutcome, JobSpec, JobView } from './job.ts';
import type { JobStore } from './job-store.ts';
import type { Cost, MeasuredUse } from './learned-costs.ts';
import { canceled, pastDeadline } from './refusals.ts';

/** One who waits for the result. */
interface Follower {
  readonly deadlineMs: number | undefined;
  /** When the deadline began to run. */
  readonly since: MonoUs;
  settle(outcome: JobOutcome<unknown>): void;
  tell(): void;
}

/** More cannot wait for the same job. */
export const MAX_FOLLOWERS = 64;

/** What the children of a job needed. */
interface Use {
  readonly cpuMs: number | undefined;
  readonly peakBytes: number | undefined;
}

export interface QueuedJobParts {
  readonly id: string;
  readonly spec: JobSpec<unknown>;
  readonly cost: Cost;
  /** Undefined: it is not kept. */
  readonly store: JobStore | undefined;
  /** Attempts of earlier runs of the daemon. */
  readonly attempts: number;
  /** How long before now it was accepted. */
  readonly ageMs: number;
  readonly clock: Clock;
  /** Nobody waits for it any more, for this reason: the queue drops it. */
  onDeserted(job: QueuedJob, error: CamboxError): void;
}

/**
 * A job inside the queue: who waits for it, how far it is, how it ends. Knows nothing of other jobs. For one that is kept, the
 * box itself waits, up to the job's deadline.
 */
export class QueuedJob {
  readonly id: string;
  readonly spec: JobSpec<unknown>;
  readonly cost: Cost;
  readonly submittedAt: MonoUs;
  /** See `Job.stored`. */
  stored: Promise<void> | undefined;
  readonly #parts: QueuedJobParts;
  readonly #clock: Clock;
  readonly #followers = new Set<Follower>();
  #abort: AbortController | undefined;
  #startedAt: MonoUs | undefined;
  #returned = false;
  #progress = 0;
  #use: Use = { cpuMs: undefined, peakBytes: undefined };

  constructor(parts: QueuedJobParts) {
    const { id, spec, cost, clock, ageMs } = parts;
    this.id = id;
    this.spec = spec;
    this.cost = cost;
    this.#parts = parts;
    this.#clock = clock;
    this.submittedAt = monoPlus(clock.now(), -usFromMs(ageMs));
    if (this.kept) this.#add(spec.deadlineMs, this.submittedAt);
  }

  /** It is done whether anybody waits for it or not. */
  get kept(): boolean {
    return this.#parts.store !== undefined;
  }

  /** ... and after a restart. */
  get lasting(): boolean {
    return this.#parts.store?.lasting ?? false;
  }

  /** Those who asked for it and wait. */
  get followers(): number {
    return Math.max(0, this.#followers.size - Number(this.kept));
  }

  get use(): Use {
    return this.#use;
  }

  /** Its run has returned: it can only be told. */
  get returned(): boolean {
    return this.#returned;
  }

  /** Told to end: what `run` still does is not waited for by anybody. */
  get aborted(): boolean {
    return this.#abort?.signal.aborted ?? false;
  }

  get runningMs(): number {
    return this.#startedAt === undefined ? 0 : Math.round(msFromUs(this.#clock.now() - this.#startedAt));
  }

  /** One more waits for it, with a deadline of his own. */
  follow(deadlineMs: number | undefined): Job<unknown> {
    const { follower, done, listeners } = this.#add(deadlineMs, this.#clock.now());
    const job = this;
    return {
      id: this.id,
      done,
      stored: this.stored,
      get lasting() {
        return job.lasting;
      },
      view: () => this.view(),
      onChange: (listener) => listeners.push(listener),
      leave: () => this.#dismiss(follower, canceled(this.spec.title, 'its requester left')),
    };
  }

  #add(deadlineMs: number | undefined, since: MonoUs) {
    const listeners: (() => void)[] = [];
    const { promise: done, resolve } = Promise.withResolvers<JobOutcome<unknown>>();
    const follower: Follower = {
      deadlineMs,
      since,
      settle: resolve,
      tell: () => {
        for (const listener of listeners) listener();
      },
    };
    this.#followers.add(follower);
    return { follower, done, listeners };
  }

  view(): JobView {
    return {
      job: this.id,
      kind: this.spec.workload.kind,
      title: this.spec.title,
      state: this.#startedAt === undefined ? 'waiting' : 'running',
      progress: this.#progress,
      age_ms: Math.round(msFromUs(this.#clock.now() - this.submittedAt)),
      running_ms: this.runningMs,
      memory_bytes: this.cost.memoryBytes,
      requesters: this.followers,
    };
  }

  /**
   * Do it, from when `begin` has resolved on. Resolves when `run` has really returned, whatever was answered meanwhile; never
   * rejects. Nobody is told yet: `settle`.
   */
  async start(learn: (use: MeasuredUse) => void, begin?: () => Promise<void>): Promise<JobOutcome<unknown>> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#startedAt = this.#clock.now();
    const context: JobContext = {
      id: this.id,
      attempt: this.#parts.attempts + 1,
      signal: abort.signal,
      capBytes: this.cost.capBytes,
      progress: (share) => this.#advance(share),
      learn: (use) => {
        this.#note(use);
        learn(use);
      },
    };
    this.#tell();
    try {
      if (begin !== undefined) await begin();
      abort.signal.throwIfAborted();
      const result = await this.spec.run(context);
      const error = this.spec.fault?.(result);
      return error === undefined ? { ok: true, result } : { ok: false, error, result };
    } catch (thrown) {
      return { ok: false, error: asCamboxError(thrown, 'finish', this.spec.title) };
    } finally {
      this.#returned = true;
    }
  }

  /** Everybody gets this error now; a running job is told to end. */
  end(error: CamboxError): void {
    this.settle({ ok: false, error });
    this.#abort?.abort(error);
  }

  /** Tell everybody who waits. */
  settle(outcome: JobOutcome<unknown>): void {
    for (const follower of this.#followers) follower.settle(outcome);
    this.#followers.clear();
  }

  /** Those whose deadline has passed go. */
  expire(now: MonoUs): void {
    for (const follower of this.#followers) {
      const { deadlineMs, since } = follower;
      if (deadlineMs === undefined || now - since < usFromMs(deadlineMs)) continue;
      this.#dismiss(follower, pastDeadline(this.spec.title, deadlineMs, this.#startedAt !== undefined));
    }
  }

  #dismiss(follower: Follower, error: CamboxError): void {
    if (!this.#followers.delete(follower)) return;
    follower.settle({ ok: false, error });
    if (this.#followers.size > 0) return;
    this.#abort?.abort(error);
    this.#parts.onDeserted(this, error);
  }

  #note({ cpuMs, peakBytes }: MeasuredUse): void {
    const { cpuMs: before = 0, peakBytes: most = 0 } = this.#use;
    this.#use = {
      cpuMs: cpuMs === undefined ? this.#use.cpuMs : before + cpuMs,
      peakBytes: peakBytes === undefined ? this.#use.peakBytes : Math.max(most, peakBytes),
    };
  }

  #advance(share: number): void {
    const progress = Math.min(1, Math.max(this.#progress, share));
    if (!(progress > this.#progress)) return; // also when it is no number
    this.#progress = progress;
    this.#tell();
  }

  #tell(): void {
    for (const follower of this.#followers) follower.tell();
  }
}
