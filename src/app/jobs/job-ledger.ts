import type { Clock } from '../../base/clock.ts';
import { asCamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { msFromUs } from '../../base/units.ts';
import { within } from '../../base/within.ts';
import { MemoryDatabase, type StateDatabase } from '../../catalog/memory-database.ts';
import { type JobRow, JobTable } from '../../catalog/state/job-table.ts';
import { STATE_MIGRATIONS } from '../../catalog/state/state-migrations.ts';
import type { JobHistory } from '../../control/box.ts';
import type { Check } from '../../health/checks.ts';
import type { JobRecord } from '../../jobs/job-record.ts';
import type { JobEnd, JobStore, KeptJob } from '../../jobs/job-store.ts';
import type { JobKind } from '../../jobs/workload.ts';
import { ageMs, type Moment } from './moment.ts';
import { recordOf } from './record-of-job.ts';

export interface JobLedgerOptions {
  /** `state.db`; undefined: jobs are kept as long as the process lives. */
  readonly database: StateDatabase | undefined;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A disk that takes longer is not waited for. */
const DISK_MS = 5000;
/** More of a result is not kept: a cut into hundreds of clips. */
const MOST_RESULT = 32 * 1024;
const NAME = 'job-';

/**
 * The jobs of the box in `state.db`: those to be done, and what became of those that are over. A disk that refuses costs the
 * jobs their life after a restart, and nothing else.
 */
export class JobLedger implements JobStore, JobHistory {
  readonly #options: JobLedgerOptions;
  readonly #db: StateDatabase;
  readonly #table: JobTable;
  #onFinished: (job: JobRecord) => void = () => undefined;
  /** The code of what is wrong with the disk now. */
  #problem: string | undefined;
  #unkept = 0;
  #unsound = 0;

  /** Throws when the table cannot be read. */
  constructor(options: JobLedgerOptions) {
    this.#options = options;
    this.#db = options.database ?? new MemoryDatabase(STATE_MIGRATIONS);
    this.#table = new JobTable(this.#db);
  }

  get lasting(): boolean {
    return this.#options.database !== undefined && this.#problem === undefined;
  }

  get lastNumber(): number {
    return this.#db.read('read jobs of', () => this.#table.lastId);
  }

  /** Plain JSON for the health report. */
  report(): Readonly<Record<string, unknown>> {
    return { lasting: this.lasting, unkept: this.#unkept, unsound: this.#unsound };
  }

  /** None where there is no state folder: that is no fault. */
  checks(): readonly Check[] {
    if (this.#options.database === undefined) return [];
    const id = 'jobs';
    if (this.#problem === undefined) return [{ id, status: 'ok' }];
    const hint = `The disk does not take what is kept of jobs (${this.#problem}): until it does a restart forgets them`;
    return [{ id, status: 'warn', code: 'jobs_not_kept', hint }];
  }

  /** A row that is no job that we can do. */
  async drop(id: number): Promise<void> {
    this.#unsound += 1;
    await this.write('drop a job from', () => this.#table.drop(id));
  }

  get table(): JobTable {
    return this.#table;
  }

  /** Called with each job that is over, when the disk has it. */
  onFinished(listener: (job: JobRecord) => void): void {
    this.#onFinished = listener;
  }

  async accept({ id, workload, title, key, order, deadlineMs, request }: KeptJob): Promise<void> {
    const { wallMs, boot, monoMs } = this.now();
    await this.write('add a job to', () =>
      this.#table.add({
        ...{ id: numberOf(id), kind: workload.kind, title, key: key ?? null, deadline_ms: deadlineMs ?? null },
        ...{ accepted_ms: wallMs, accepted_boot: boot, accepted_mono_ms: monoMs },
        workload: JSON.stringify(workload),
        requests: JSON.stringify(request === undefined ? [] : [request]),
        order: JSON.stringify(order),
      }),
    );
  }

  async join(id: string, request: string): Promise<void> {
    await this.write('change a job in', () => this.#table.join(numberOf(id), request));
  }

  async begin(id: string): Promise<void> {
    await this.write('change a job in', () => this.#table.begin(numberOf(id)));
  }

  async putBack(id: string): Promise<void> {
    await this.write('change a job in', () => this.#table.putBack(numberOf(id)));
  }

  async finish(id: string, { state, error, result, ranMs, cpuMs, peakBytes }: JobEnd): Promise<void> {
    const text = result === undefined ? null : JSON.stringify(result);
    const ended: JobRow[] = [];
    await this.write('change a job in', () => {
      const row = this.#table.get(numberOf(id));
      if (row === undefined) return;
      const isNews = this.#table.end({
        ...{ id: row.id, state, error_code: error?.code ?? null, error: error?.message ?? null },
        ...{ finished_ms: this.now().wallMs, waited_ms: Math.max(0, ageMs(acceptedAt(row), this.now()) - ranMs) },
        ...{ ran_ms: ranMs, cpu_ms: cpuMs ?? null, peak_bytes: peakBytes ?? null },
        result: text !== null && text.length > MOST_RESULT ? TOO_LONG : text,
      });
      const now = isNews ? this.#table.get(row.id) : undefined;
      if (now !== undefined) ended.push(now);
    });
    for (const job of ended) this.#onFinished(recordOf(job));
  }

  get(job: string): JobRecord | undefined {
    const row = this.#db.read('read jobs of', () => this.#table.get(numberOf(job)));
    return row && recordOf(row);
  }

  finished(query: { readonly kind?: JobKind; readonly before?: string; readonly limit: number }): readonly JobRecord[] {
    const before = query.before === undefined ? Number.MAX_SAFE_INTEGER : numberOf(query.before);
    return this.#db
      .read('read jobs of', () => this.#table.finished(before, query.kind, query.limit))
      .map((row) => recordOf(row));
  }

  now(): Moment {
    const { bootId: boot, clock } = this.#options;
    return { boot, wallMs: Math.round(clock.wall()), monoMs: Math.round(msFromUs(clock.now())) };
  }

  /** Undefined when the disk refuses, or takes too long; never rejects. */
  async write<T>(what: string, work: () => T): Promise<T | undefined> {
    return await within(this.#options.clock, DISK_MS, this.#write(what, work));
  }

  async #write<T>(what: string, work: () => T): Promise<T | undefined> {
    try {
      const result = await this.#db.write(what, work);
      this.#problem = undefined;
      return result;
    } catch (thrown) {
      const { code, message } = asCamboxError(thrown, what, 'state.db');
      if (code !== this.#problem) this.#options.logger.error('jobs_not_kept', { code, problem: message });
      this.#problem = code;
      this.#unkept += 1;
      return undefined;
    }
  }
}

/** Stands for a result that is too long to be kept; no JSON. */
const TOO_LONG = '';

const acceptedAt = (row: { accepted_ms: number; accepted_boot: string; accepted_mono_ms: number }): Moment => ({
  boot: row.accepted_boot,
  wallMs: row.accepted_ms,
  monoMs: row.accepted_mono_ms,
});

/** NaN, which is no row's, for what is no job's id. */
const numberOf = (job: string): number => Number(job.slice(NAME.length));
