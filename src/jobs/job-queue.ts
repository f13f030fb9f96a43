import type { Clock } from '../base/clock.ts';
import { CamboxError, type ErrorCode } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { ReasonCounts } from '../base/reason-counts.ts';
import { within } from '../base/within.ts';
import type { Job, JobOutcome, JobSpec, JobView } from './job.ts';
import { endOf } from './job-end.ts';
import type { JobStore, RestoredJob } from './job-store.ts';
import type { LearnedCosts } from './learned-costs.ts';
import { LiveRecordings } from './live-recordings.ts';
import { MAX_FOLLOWERS, QueuedJob, type QueuedJobParts } from './queued-job.ts';
import { canceled, goesOn, queueFull, shuttingDown, stillEnding, tooLarge } from './refusals.ts';
import { RetryAfter } from './retry-after.ts';
import { type Budget, type Conditions, Scheduler } from './scheduler.ts';

export interface JobQueueDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly costs: LearnedCosts;
  /** How the machine is now. Cheap, and never waits. */
  conditions(): Conditions;
  /** Where jobs with an order outlive the process; undefined: none does. */
  readonly store?: JobStore | undefined;
}

/** Deadlines and the state of the machine are looked at this often while there is something to do. */
const TICK_MS = 1000;
/** Running jobs end their children in this time: the ladder of record/child.ts. */
const CLOSE_MS = 12_000;

/**
 * The queue of everything that is done with ffmpeg beside live recording, and the one place that says how much may run at
 * a time. Bounded by `Budget.queueLength`; who comes later is refused as `busy` with a time to come back. Every job that
 * was taken gets exactly one outcome; one that is kept (`JobSpec.order`) gets it after a restart when it has none at the stop.
 */
export class JobQueue implements AsyncDisposable {
  /** Recordings, which never wait. */
  readonly live: LiveRecordings;
  readonly #deps: JobQueueDeps;
  readonly #scheduler: Scheduler;
  readonly #retryAfter = new RetryAfter();
  readonly #jobs = new Map<string, QueuedJob>();
  readonly #byKey = new Map<string, QueuedJob>();
  readonly #runs = new Map<string, Promise<void>>();
  readonly #refused = new ReasonCounts<ErrorCode>();
  #taken = 0;
  #ended = 0;
  #restored = 0;
  #lastNumber: number;
  #cancelTick: (() => void) | undefined;
  #held = false;
  #closed = false;

  constructor(budget: Budget, deps: JobQueueDeps) {
    this.#deps = deps;
    this.#lastNumber = deps.store?.lastNumber ?? 0;
    this.#scheduler = new Scheduler(budget);
    const { clock, costs } = deps;
    this.live = new LiveRecordings({
      clock,
      costs,
      scheduler: this.#scheduler,
      conditions: () => deps.conditions(),
      retryAfterMs: () => this.#retryAfterMs(),
      onEnd: () => this.#pump(),
    });
  }

  /**
   * Take a job, or say why not: `busy` (with retryAfterMs), `resource_limit` (it could never run), `interrupted` (shutting
   * down). It may run at once.
   *
   * @param request id of the request that asks for it, kept with the job
   */
  submit<Result>(spec: JobSpec<Result>, request?: string): Job<Result> | CamboxError {
    const job = this.#take(spec, request);
    if (job instanceof CamboxError) {
      this.#refused.add(job.code);
      return job;
    }
    const handle = job.follow(spec.deadlineMs);
    this.#pump();
    return handle as Job<Result>; // those with the same key do the same, so they have the same result
  }

  /** Wait for a job that waits or runs, too; undefined when there is none of this id. */
  follow(id: string): Job<unknown> | undefined {
    const job = this.#jobs.get(id);
    return job === undefined || job.aborted || job.followers >= MAX_FOLLOWERS ? undefined : job.follow(undefined);
  }

  /** Start nothing until `release`: what was left of an earlier run is being put in order. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#pump();
  }

  /** Queue jobs of an earlier run again, before any other, in this order; they keep their ids. None is refused as the queue is full. */
  restore(jobs: readonly (RestoredJob & Pick<JobSpec<unknown>, 'order' | 'run' | 'fault'>)[]): void {
    for (const { id, attempts, ageMs, ...spec } of jobs) {
      const cost = this.#deps.costs.costOf(spec.workload);
      const answer = this.#scheduler.offer(id, spec.workload.kind, cost, { evenFull: true });
      const job = this.#add({ id, spec, cost, attempts, ageMs });
      this.#restored += 1;
      if (answer === 'too_large') this.#giveUp(job);
    }
    this.#pump();
  }

  /**
   * What `submit` would say now to a job that is like no other one; undefined: it is welcome.
   *
   * @param inHand requests that were told so and have no outcome yet: some may not have submitted their job so far
   */
  refusal(title: string, inHand: number): CamboxError | undefined {
    const { waiting, running, budget } = this.#scheduler;
    const hasRoom = Math.max(waiting, inHand - running) < budget.queueLength;
    if (hasRoom && !this.#closed) return undefined;
    const error = this.#closed ? shuttingDown(title) : this.#full(title);
    this.#refused.add(error.code);
    return error;
  }

  /**
   * End a job for all who wait for it, at once; false when there is none of this id. `by` is told to them. Resolves when it
   * is canceled after a power cut, too.
   */
  async cancel(id: string, by: string): Promise<boolean> {
    const job = this.#jobs.get(id);
    if (job === undefined || job.aborted || job.returned) return false;
    const error = canceled(job.spec.title, by);
    job.end(error);
    await this.#drop(job, error);
    return true;
  }

  /** Live recordings, then what runs, then what waits, in the order of starting. */
  list(): JobView[] {
    const jobs = [...this.#jobs.values()].filter((job) => !job.aborted).map((job) => job.view());
    const inState = (state: JobView['state']): JobView[] => jobs.filter((job) => job.state === state);
    return [...this.live.list(), ...inState('running'), ...inState('waiting')];
  }

  /** Another budget from now on; what waits and could never run any more ends as `resource_limit`. */
  configure(budget: Budget): void {
    for (const id of this.#scheduler.configure(budget)) this.#giveUp(this.#jobs.get(id)!);
    this.#pump();
  }

  /** Plain JSON for the health report. */
  report(): Readonly<Record<string, unknown>> {
    const { taken, budget, waiting, running } = this.#scheduler;
    return {
      waiting,
      running,
      live: this.live.count,
      taken: this.#taken,
      ended: this.#ended,
      restored: this.#restored,
      refused: this.#refused.toJSON(),
      memory_bytes: taken.memoryBytes,
      memory_budget_bytes: budget.memoryBytes,
      cpu: Math.round(taken.cpu * 100) / 100,
      cpu_tokens: budget.cpu,
    };
  }

  /** Everybody is told `interrupted`, what runs is told to end and waited for. Jobs that are kept wait for the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#cancelTick?.();
    for (const job of [...this.#jobs.values()]) {
      const { id, lasting, spec } = job;
      if (job.returned) continue; // it is being told
      job.end(lasting ? goesOn(spec.title, id) : shuttingDown(spec.title));
      if (this.#scheduler.withdraw(id)) this.#forget(id);
    }
    const unfinished = await within(this.#deps.clock, CLOSE_MS, Promise.all(this.#runs.values()));
    if (unfinished === undefined) this.#deps.logger.error('jobs_unfinished', { jobs: [...this.#runs.keys()] });
  }

  #take(spec: JobSpec<unknown>, request: string | undefined): QueuedJob | CamboxError {
    const { title, key, workload } = spec;
    const { costs, store } = this.#deps;
    if (this.#closed) return shuttingDown(title);
    const same = key === undefined ? undefined : this.#byKey.get(key);
    if (same?.aborted) return stillEnding(title, this.#retryAfterMs());
    if (same !== undefined) return same.followers < MAX_FOLLOWERS ? this.#join(same, request) : this.#full(title);
    const cost = costs.costOf(workload);
    const id = `job-${this.#lastNumber + 1}`;
    const answer = this.#scheduler.offer(id, workload.kind, cost);
    if (answer === 'too_large') return tooLarge(title, cost.memoryBytes, this.#scheduler.budget);
    if (answer === 'full') return this.#full(title);
    this.#lastNumber += 1;
    this.#taken += 1;
    const job = this.#add({ id, spec, cost, attempts: 0, ageMs: 0 });
    if (job.kept) job.stored = store!.accept({ ...spec, id, order: spec.order, request });
    return job;
  }

  #join(job: QueuedJob, request: string | undefined): QueuedJob {
    if (job.kept && request !== undefined) job.stored = this.#deps.store!.join(job.id, request);
    return job;
  }

  #add(parts: Omit<QueuedJobParts, 'store' | 'clock' | 'onDeserted'>): QueuedJob {
    const onDeserted = (deserted: QueuedJob, error: CamboxError): void => void this.#drop(deserted, error);
    const { clock } = this.#deps;
    const store = parts.spec.order === undefined ? undefined : this.#deps.store;
    const job = new QueuedJob({ ...parts, store, clock, onDeserted });
    this.#jobs.set(job.id, job);
    if (job.spec.key !== undefined) this.#byKey.set(job.spec.key, job);
    return job;
  }

  /** It could never run. */
  #giveUp(job: QueuedJob): void {
    const error = tooLarge(job.spec.title, job.cost.memoryBytes, this.#scheduler.budget);
    job.end(error);
    this.#forget(job.id);
    void this.#keepEnd(job, { ok: false, error });
  }

  #full(title: string): CamboxError {
    return queueFull(title, this.#scheduler.waiting, this.#retryAfterMs());
  }

  #retryAfterMs(): number {
    return this.#retryAfter.nextMs(this.#deps.clock.now(), this.#scheduler.running);
  }

  /** Start what may start. */
  #pump(): void {
    if (this.#closed) return;
    const { waiting } = this.#scheduler;
    const conditions = waiting === 0 || this.#held ? undefined : this.#deps.conditions();
    if (conditions !== undefined) {
      for (let id = this.#scheduler.next(conditions); id !== undefined; id = this.#scheduler.next(conditions)) {
        this.#runs.set(id, this.#run(this.#jobs.get(id)!));
      }
    }
    if (this.#jobs.size > 0) this.#cancelTick ??= this.#deps.clock.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    this.#cancelTick = undefined;
    const now = this.#deps.clock.now();
    for (const job of [...this.#jobs.values()]) if (!job.returned) job.expire(now);
    this.#pump();
  }

  async #run(job: QueuedJob): Promise<void> {
    const { kind } = job.spec.workload;
    const { logger, costs } = this.#deps;
    const store = job.kept ? this.#deps.store : undefined;
    logger.info('job_started', { job: job.id, kind, title: job.spec.title });
    const outcome = await job.start((use) => costs.learn(job.spec.workload, use), store && (() => store.begin(job.id)));
    logger.info('job_ended', { job: job.id, kind, took_ms: job.runningMs, aborted: job.aborted });
    if (!job.aborted) this.#retryAfter.note(job.runningMs);
    this.#scheduler.finish(job.id);
    this.#pump();
    const hasEnded = !job.aborted || outcome.ok || outcome.result !== undefined;
    if (hasEnded) await this.#keepEnd(job, outcome);
    else if (this.#closed) await store?.putBack(job.id);
    job.settle(outcome);
    this.#runs.delete(job.id);
    this.#forget(job.id);
  }

  /** Nobody wants it any more: out of the queue; one that runs stays known until it has ended. */
  #drop(job: QueuedJob, error: CamboxError): Promise<void> {
    if (this.#scheduler.withdraw(job.id)) this.#forget(job.id);
    return this.#keepEnd(job, { ok: false, error });
  }

  /** Resolves when a job that is kept has its outcome on the disk. */
  async #keepEnd(job: QueuedJob, outcome: JobOutcome<unknown>): Promise<void> {
    if (job.kept) await this.#deps.store?.finish(job.id, endOf(job, outcome));
  }

  #forget(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#ended += 1;
    this.#jobs.delete(id);
    if (job.spec.key !== undefined) this.#byKey.delete(job.spec.key);
  }
}
