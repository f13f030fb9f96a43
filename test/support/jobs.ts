import type { Clock } from '../../src/base/clock.ts';
import { SILENT } from '../../src/base/logger.ts';
import type { Job, JobContext, JobSpec } from '../../src/jobs/job.ts';
import { JobQueue } from '../../src/jobs/job-queue.ts';
import type { JobStore } from '../../src/jobs/job-store.ts';
import { type CostTable, LearnedCosts } from '../../src/jobs/learned-costs.ts';
import { type Budget, type Conditions, GOOD_CONDITIONS } from '../../src/jobs/scheduler.ts';
import type { QueuedKind } from '../../src/jobs/workload.ts';
import { FakeClock } from './fake-clock.ts';

export const MIB = 2 ** 20;

export const budgetOf = (parts: Partial<Budget> = {}): Budget => ({
  memoryBytes: 300 * MIB,
  cpu: 2,
  liveReserveBytes: 0,
  queueLength: 100,
  ...parts,
});

/** Work that the test ends. */
export interface HeldJob {
  readonly spec: JobSpec<string>;
  /** Contexts of the runs so far. */
  readonly runs: JobContext[];
  finish(result: string): void;
  fail(error: Error): void;
}

export const COPY_720 = { encoder: 'copy', width: 1280, height: 720, threads: 1 };

/** What the bench's queue has learned: copies need 26 MB (and a quarter of a core from files), a live encode 40 MB. */
const LEARNED: CostTable = Object.fromEntries(
  Object.entries({ 'cut/copy': 26, 'export/copy': 26, 'timelapse/copy': 26, 'live/copy': 26, 'live/libx264': 40 }).map(
    ([name, mib]) => [`${name}/1280x720/1`, Array<number>(5).fill(mib * 1024)],
  ),
);

export function heldJob(title: string, kind: QueuedKind = 'cut', parts: Partial<JobSpec<string>> = {}): HeldJob {
  const end = Promise.withResolvers<string>();
  void end.promise.catch(() => undefined); // a job may fail that never ran
  const runs: JobContext[] = [];
  return {
    runs,
    finish: end.resolve,
    fail: end.reject,
    spec: {
      workload: { kind, ...COPY_720 },
      title,
      key: undefined,
      deadlineMs: undefined,
      run(context) {
        runs.push(context);
        context.signal.addEventListener('abort', () => end.reject(context.signal.reason));
        return end.promise;
      },
      ...parts,
    },
  };
}

/** A queue that stands on a clock of the test. */
export class QueueBench {
  readonly clock = new FakeClock();
  readonly costs = new LearnedCosts(LEARNED);
  readonly queue: JobQueue;
  conditions: Conditions = GOOD_CONDITIONS;

  constructor(budget: Partial<Budget> = {}, store?: JobStore) {
    const { clock, costs } = this;
    const deps = { clock, costs, logger: SILENT, conditions: () => this.conditions, store };
    this.queue = new JobQueue(budgetOf(budget), deps);
  }

  /** Submits a job that has to be taken. */
  take<Result>(spec: JobSpec<Result>): Job<Result> {
    const answer = this.queue.submit(spec);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  /** Titles of the jobs in a state. */
  titles(state: 'waiting' | 'running'): string[] {
    return this.queue
      .list()
      .filter((job) => job.state === state)
      .map((job) => job.title);
  }
}

/** Lets promises settle. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue that has room for everything. */
export function roomyQueue(clock: Clock): JobQueue {
  const budget = budgetOf({ memoryBytes: 2 ** 33, cpu: 64 });
  return new JobQueue(budget, { clock, costs: new LearnedCosts(), logger: SILENT, conditions: () => GOOD_CONDITIONS });
}
