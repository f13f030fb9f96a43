import type { Clock } from '../base/clock.ts';
import { CamboxError, type ErrorCode } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { ReasonCounts } from '../base/reason-counts.ts';
import { within } from '../base/within.ts';
import type { Job, JobSpec, JobView } from './job.ts';
import type { LearnedCosts } from './learned-costs.ts';
import { LiveRecordings } from './live-recordings.ts';
import { MAX_FOLLOWERS, QueuedJob } from './queued-job.ts';
import { canceled, queueFull, shuttingDown, stillEnding, tooLarge } from './refusals.ts';
import { RetryAfter } from './retry-after.ts';
import { type Budget, type Conditions, Scheduler } from './scheduler.ts';

export interface JobQueueDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly costs: LearnedCosts;
  /** How the machine is now. Cheap, and never waits. */
  conditions(): Conditions;
}

/** Deadlines and the state of the machine are looked at this often while there is something to do. */
const TICK_MS = 1000;
/** Running jobs end their children in this time: the ladder of record/child.ts. */
const CLOSE_MS = 12_000;

/**
 * The queue of everything that is done with ffmpeg beside live recording, and the one place that says how much may run at
 * a time. Bounded by `Budget.queueLength`; who comes later is refused as `busy` with a time to come back. Every job that
 * was taken gets exactly one outcome.
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
  #lastNumber = 0;
  #cancelTick: (() => void) | undefined;
  #closed = false;

  constructor(budget: Budget, deps: JobQueueDeps) {
    this.#deps = deps;
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
   */
  submit<Result>(spec: JobSpec<Result>): Job<Result> | CamboxError {
    const job = this.#take(spec);
    if (job instanceof CamboxError) {
      this.#refused.add(job.code);
      return job;
    }
    const handle = job.follow(spec.deadlineMs);
    this.#pump();
    return handle as Job<Result>; // those with the same key do the same, so they have the same result
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

  /** End a job for all who wait for it; false when there is none of this id. `by` is told to them. */
  cancel(id: string, by: string): boolean {
    const job = this.#jobs.get(id);
    if (job === undefined || job.aborted) return false;
    job.end(canceled(job.spec.title, by));
    this.#drop(job);
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
    for (const id of this.#scheduler.configure(budget)) {
      const job = this.#jobs.get(id);
      job?.end(tooLarge(job.spec.title, job.cost.memoryBytes, budget));
      this.#forget(id);
    }
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
      refused: this.#refused.toJSON(),
      memory_bytes: taken.memoryBytes,
      memory_budget_bytes: budget.memoryBytes,
      cpu: Math.round(taken.cpu * 100) / 100,
      cpu_tokens: budget.cpu,
    };
  }

  /** Everybody is told `interrupted`, what runs is told to end and waited for. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#cancelTick?.();
    for (const job of [...this.#jobs.values()]) {
      job.end(shuttingDown(job.spec.title));
      this.#drop(job);
    }
    const unfinished = await within(this.#deps.clock, CLOSE_MS, Promise.all(this.#runs.values()));
    if (unfinished === undefined) this.#deps.logger.error('jobs_unfinished', { jobs: [...this.#runs.keys()] });
  }

  #take(spec: JobSpec<unknown>): QueuedJob | CamboxError {
    const { title, key, workload } = spec;
    if (this.#closed) return shuttingDown(title);
    const same = key === undefined ? undefined : this.#byKey.get(key);
    if (same?.aborted) return stillEnding(title, this.#retryAfterMs());
    if (same !== undefined) return same.followers < MAX_FOLLOWERS ? same : this.#full(title);
    const cost = this.#deps.costs.costOf(workload);
    const id = `job-${this.#lastNumber + 1}`;
    const answer = this.#scheduler.offer(id, workload.kind, cost);
    if (answer === 'too_large') return tooLarge(title, cost.memoryBytes, this.#scheduler.budget);
    if (answer === 'full') return this.#full(title);
    this.#lastNumber += 1;
    this.#taken += 1;
    const job = new QueuedJob(id, spec, cost, this.#deps.clock, (deserted) => this.#drop(deserted));
    this.#jobs.set(id, job);
    if (key !== undefined) this.#byKey.set(key, job);
    return job;
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
    const conditions = waiting === 0 ? undefined : this.#deps.conditions();
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
    for (const job of [...this.#jobs.values()]) job.expire(now);
    this.#pump();
  }

  async #run(job: QueuedJob): Promise<void> {
    const { kind } = job.spec.workload;
    this.#deps.logger.info('job_started', { job: job.id, kind, title: job.spec.title });
    await job.start((use) => this.#deps.costs.learn(job.spec.workload, use));
    this.#deps.logger.info('job_ended', { job: job.id, kind, took_ms: job.runningMs, aborted: job.aborted });
    if (!job.aborted) this.#retryAfter.note(job.runningMs);
    this.#runs.delete(job.id);
    this.#scheduler.finish(job.id);
    this.#forget(job.id);
    this.#pump();
  }

  /** Nobody waits for it any more: out of the queue; one that runs stays known until it has ended. */
  #drop(job: QueuedJob): void {
    if (this.#scheduler.withdraw(job.id)) this.#forget(job.id);
  }

  #forget(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#ended += 1;
    this.#jobs.delete(id);
    if (job.spec.key !== undefined) this.#byKey.delete(job.spec.key);
  }
}
