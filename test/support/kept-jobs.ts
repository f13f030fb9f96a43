import { JobLedger } from '../../src/app/jobs/job-ledger.ts';
import type { JobOrder } from '../../src/app/jobs/job-orders.ts';
import { restoreJobs } from '../../src/app/jobs/restore-jobs.ts';
import type { Database } from '../../src/catalog/database.ts';
import type { JobSpec } from '../../src/jobs/job.ts';
import type { JobRecord } from '../../src/jobs/job-record.ts';
import { FakeClock } from './fake-clock.ts';
import { type HeldJob, heldJob, MIB, QueueBench } from './jobs.ts';
import { LogCollector } from './log-collector.ts';
import { StateFolder } from './state-database.ts';

/** A job that cuts a clip of this name, held by the test. */
export const keptJob = (clip: string, parts: Partial<JobSpec<string>> = {}): HeldJob =>
  heldJob(clip, 'cut', {
    order: { kind: 'cut', accuracy: 'copy', pieces: [{ clip, ranges: { everyUs: 1e6 } }] },
    key: `key of ${clip}`,
    ...parts,
  });

/** A queue as the daemon has it, one job at a time, between two crashes: its jobs are in the real `state.db`. */
export class QueueLife {
  readonly logs = new LogCollector();
  readonly told: JobRecord[] = [];
  readonly ledger: JobLedger;
  readonly bench: QueueBench;
  /** The jobs that were made anew after a restart, by the name of their clip. */
  readonly remade = new Map<string, HeldJob>();

  constructor(database: Database | undefined, { bootId = 'boot-1', clock = new FakeClock() } = {}) {
    this.ledger = new JobLedger({ database, bootId, clock, logger: this.logs });
    this.bench = new QueueBench({ memoryBytes: 30 * MIB }, this.ledger);
    this.ledger.onFinished((job) => this.told.push(job));
  }

  /** As the daemon does at its start. Jobs start when `resume` is called. */
  async restore(): Promise<() => Promise<void>> {
    const { bench, ledger, logs: logger } = this;
    bench.queue.hold();
    const giveUp = await restoreJobs({ queue: bench.queue, ledger, logger, remake: (order) => this.#remake(order) });
    return async () => {
      bench.queue.release();
      await giveUp();
    };
  }

  async #remake(order: JobOrder): Promise<JobSpec<unknown>> {
    const clip = order.kind === 'cut' ? order.pieces[0]!.clip : order.clips[0]!;
    const held = keptJob(clip);
    this.remade.set(clip, held);
    return held.spec;
  }
}

/** A folder with a `state.db` over several lives of a queue. */
export class QueueLives extends StateFolder {
  #database: Database | undefined;

  /** What was before ends as a crash does: nothing is said to it. */
  async next(parts: { bootId?: string; clock?: FakeClock } = {}): Promise<QueueLife> {
    await this.#database?.[Symbol.asyncDispose]();
    this.#database = await this.open();
    return new QueueLife(this.#database, parts);
  }

  get database(): Database {
    return this.#database!;
  }
}
