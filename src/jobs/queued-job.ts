import type { Clock } from '../base/clock.ts';
import { asCamboxError, type CamboxError } from '../base/errors.ts';
import { type MonoUs, msFromUs, usFromMs } from '../base/units.ts';
import type { Job, JobContext, JobOutcome, JobSpec, JobView } from './job.ts';
import type { Cost, MeasuredUse } from './learned-costs.ts';
import { canceled, pastDeadline } from './refusals.ts';

/** One who waits for the result. */
interface Follower {
  readonly deadlineMs: number | undefined;
  readonly since: MonoUs;
  settle(outcome: JobOutcome<unknown>): void;
  tell(): void;
}

/** More cannot wait for the same job. */
export const MAX_FOLLOWERS = 64;

/** A job inside the queue: who waits for it, how far it is, how it ends. Knows nothing of other jobs. */
export class QueuedJob {
  readonly id: string;
  readonly spec: JobSpec<unknown>;
  readonly cost: Cost;
  readonly submittedAt: MonoUs;
  readonly #clock: Clock;
  readonly #followers = new Set<Follower>();
  /** Nobody waits for it any more: the queue drops it. */
  readonly #onDeserted: (job: QueuedJob) => void;
  #abort: AbortController | undefined;
  #startedAt: MonoUs | undefined;
  #progress = 0;

  constructor(id: string, spec: JobSpec<unknown>, cost: Cost, clock: Clock, onDeserted: (job: QueuedJob) => void) {
    this.id = id;
    this.spec = spec;
    this.cost = cost;
    this.#clock = clock;
    this.submittedAt = clock.now();
    this.#onDeserted = onDeserted;
  }

  get followers(): number {
    return this.#followers.size;
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
    const listeners: (() => void)[] = [];
    const { promise, resolve } = Promise.withResolvers<JobOutcome<unknown>>();
    const follower: Follower = {
      deadlineMs,
      since: this.#clock.now(),
      settle: resolve,
      tell: () => {
        for (const listener of listeners) listener();
      },
    };
    this.#followers.add(follower);
    return {
      id: this.id,
      done: promise,
      view: () => this.view(),
      onChange: (listener) => listeners.push(listener),
      leave: () => this.#dismiss(follower, canceled(this.spec.title, 'its requester left')),
    };
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
      requesters: this.#followers.size,
    };
  }

  /** Do it. Resolves when `run` has really returned, whatever was answered meanwhile; never rejects. */
  async start(learn: (use: MeasuredUse) => void): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#startedAt = this.#clock.now();
    const context: JobContext = {
      id: this.id,
      signal: abort.signal,
      capBytes: this.cost.capBytes,
      progress: (share) => this.#advance(share),
      learn,
    };
    this.#tell();
    let outcome: JobOutcome<unknown>;
    try {
      outcome = { ok: true, result: await this.spec.run(context) };
    } catch (thrown) {
      outcome = { ok: false, error: asCamboxError(thrown, 'finish', this.spec.title) };
    }
    this.#settleAll(outcome);
  }

  /** Everybody gets this error now; a running job is told to end. */
  end(error: CamboxError): void {
    this.#settleAll({ ok: false, error });
    this.#abort?.abort(error);
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
    this.#onDeserted(this);
  }

  #settleAll(outcome: JobOutcome<unknown>): void {
    for (const follower of this.#followers) follower.settle(outcome);
    this.#followers.clear();
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
