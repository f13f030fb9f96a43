import { rm } from 'node:fs/promises';
import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ResourceStack } from '../../base/resource-stack.ts';
import { Database } from '../database.ts';
import { TELEMETRY_MIGRATIONS } from './telemetry-migrations.ts';
import { ORDER, planQuery, seriesOf, type TelemetryAnswer, type TelemetryQuery } from './telemetry-query.ts';
import { RESOLUTIONS, type Resolution, type Sample, TelemetryTables, type TimedSample } from './telemetry-tables.ts';

export interface TelemetryOptions {
  readonly budgetBytes: number;
  readonly logger?: Logger;
  /** What was found wrong with the file while it was used: it is begun anew, however it looks now. */
  readonly damage?: CamboxError;
}

/** Samples that wait to be written; the oldest are dropped. */
const MOST_PENDING = 60;
/** Answers that are kept until something is written. */
const MOST_CACHED = 32;
/** Of what is too old, or too much, so much goes at a time. */
const PRUNED_MS = 600_000;
/** A clock that was so much ahead was wrong. */
const AHEAD_MS = 86_400_000;
/** What it labelled takes the room of what is right: so many times as much goes at a time. */
const WRONG_AT_ONCE = 4;

/** How the box was: samples, their rollups, within a budget of bytes. */
export class TelemetryStore implements AsyncDisposable {
  readonly #db: Database;
  readonly #tables: TelemetryTables;
  readonly #budgetBytes: number;
  /** Another map after each write: a query that was begun before it keeps its answer to itself. */
  #answers = new Map<string, TelemetryAnswer>();
  #pending: TimedSample[] = [];
  #dropped = 0;

  /** A damaged file is removed and begun anew: nothing of it is needed. Throws as `Database.open`. */
  static async open(path: string, options: TelemetryOptions): Promise<TelemetryStore> {
    try {
      if (options.damage !== undefined) throw options.damage;
      return await TelemetryStore.#openIt(path, options);
    } catch (failure) {
      if (!(failure instanceof CamboxError && failure.code === 'bad_input')) throw failure;
      options.logger?.error('telemetry_damaged', { problem: failure.message, instead: 'begun anew' });
      for (const end of ['', '-wal', '-shm']) await rm(path + end, { force: true });
      return await TelemetryStore.#openIt(path, options);
    }
  }

  static async #openIt(path: string, { budgetBytes }: TelemetryOptions): Promise<TelemetryStore> {
    await using opening = new ResourceStack();
    // Not checked as a whole: that would take seconds, and a page that is damaged says so when it is read.
    const db = opening.use(await Database.open(path, { migrations: TELEMETRY_MIGRATIONS, check: false, shrink: true }));
    const store = db.read('open', () => new TelemetryStore(db, budgetBytes));
    opening.move();
    return store;
  }

  private constructor(db: Database, budgetBytes: number) {
    this.#db = db;
    this.#budgetBytes = budgetBytes;
    this.#tables = new TelemetryTables(db);
  }

  /** See `Database.damaged`. */
  get damaged(): AbortSignal {
    return this.#db.damaged;
  }

  get metrics(): readonly string[] {
    return this.#tables.metrics;
  }

  /** What the database takes. */
  get bytes(): number {
    return this.#db.read('measure', () => this.#tables.bytes);
  }

  /** Samples that were never written, as the disk did not take them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Kept in memory until `flush`. */
  add(tMs: number, values: Sample): void {
    this.#keep([...this.#pending, { tMs, values }]);
  }

  /**
   * Write what was added, and let go of what is too old or too much; while the clock is known to be right, of what came from one that
   * was far ahead, too.
   */
  async flush(nowMs: number, clockSynced?: boolean): Promise<void> {
    const samples = this.#pending;
    this.#pending = [];
    const before = new Set(this.#tables.metrics);
    try {
      await this.#db.write('add telemetry to', () => {
        this.#answers = new Map();
        this.#tables.add(samples);
        this.#prune(nowMs, clockSynced === true ? nowMs + AHEAD_MS : Number.POSITIVE_INFINITY);
      });
    } catch (failure) {
      this.#keep([...samples, ...this.#pending]);
      this.#tables.forget(this.#tables.metrics.filter((name) => !before.has(name)));
      throw failure;
    }
  }

  /** How metrics went over a span of time. Other work goes on between two metrics. Throws `bad_argument`. */
  async query(query: TelemetryQuery): Promise<TelemetryAnswer> {
    const coming = this.#pending.flatMap(({ values }) => Object.keys(values));
    const plan = this.#db.read('query', () => planQuery(this.#tables, query, coming));
    const key = JSON.stringify(plan);
    const answers = this.#answers;
    const known = answers.get(key);
    if (known !== undefined) return known;
    const series: TelemetryAnswer['series'][number][] = [];
    for (const metric of plan.metrics) {
      series.push(...this.#db.read('query', () => seriesOf(this.#tables, metric, plan)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const answer = { step_ms: plan.stepMs, resolution: plan.resolution, series };
    if (answers.size >= MOST_CACHED) answers.clear();
    answers.set(key, answer);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db[Symbol.asyncDispose]();
  }

  /** The newest of them, for the next flush. */
  #keep(samples: readonly TimedSample[]): void {
    this.#pending = samples.slice(-MOST_PENDING);
    this.#dropped += samples.length - this.#pending.length;
  }

  /** A little of each metric at a time. The budget takes from the finest rows first, and nothing while there are impossible ones. */
  #prune(nowMs: number, latestMs: number): void {
    const overBudget = this.#tables.bytes > this.#budgetBytes;
    for (const metric of this.#tables.metrics) {
      if (this.#pruneImpossible(metric, latestMs)) continue;
      for (const resolution of ORDER) {
        const oldest = this.#tables.oldest(metric, resolution);
        if (oldest === undefined) continue;
        const isTooOld = oldest < nowMs - RESOLUTIONS[resolution].keptMs;
        if (isTooOld || overBudget) this.#tables.prune(metric, resolution, oldest + prunedMs(resolution));
        if (overBudget) break;
      }
    }
  }

  /** False when there was nothing. */
  #pruneImpossible(metric: string, latestMs: number): boolean {
    let found = false;
    for (const resolution of ORDER) {
      const newest = this.#tables.newest(metric, resolution);
      if (newest === undefined || newest <= latestMs) continue;
      this.#tables.pruneAfter(metric, resolution, Math.max(latestMs, newest - WRONG_AT_ONCE * prunedMs(resolution)));
      found = true;
    }
    return found;
  }
}

const prunedMs = (resolution: Resolution): number => Math.max(PRUNED_MS, 10 * RESOLUTIONS[resolution].spanMs);
