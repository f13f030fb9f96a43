import type { StatementSync } from 'node:sqlite';
import type { Database } from '../database.ts';

/** Values of one moment by their metrics' names. */
export type Sample = Readonly<Record<string, number>>;

export interface TimedSample {
  readonly tMs: number;
  readonly values: Sample;
}

/** One span of time of one metric. */
export interface Bucket {
  /** When it begins. */
  readonly t_ms: number;
  readonly count: number;
  readonly avg: number;
  readonly min: number;
  readonly max: number;
}

/** The tables, finest first: what one row stands for, and how long rows are kept. */
const DAY_MS = 86_400_000;
export const RESOLUTIONS = {
  samples: { spanMs: 10_000, keptMs: 7 * DAY_MS },
  minutes: { spanMs: 60_000, keptMs: 60 * DAY_MS },
  hours: { spanMs: 3_600_000, keptMs: 5 * 365 * DAY_MS },
} as const;
export type Resolution = keyof typeof RESOLUTIONS;

const MERGE = `ON CONFLICT (metric, t) DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum,
  min = min(min, excluded.min), max = max(max, excluded.max)`;

interface Rollup {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** Samples and their rollups. Methods that change something are called inside `Database.write`. */
export class TelemetryTables {
  readonly #ids = new Map<string, number>();
  readonly #insertMetric: StatementSync;
  readonly #insertSample: StatementSync;
  readonly #merge: Readonly<Record<'minutes' | 'hours', StatementSync>>;
  readonly #select: Readonly<Record<Resolution, StatementSync>>;
  readonly #prune: Readonly<Record<Resolution, StatementSync>>;
  readonly #pruneAfter: Readonly<Record<Resolution, StatementSync>>;
  readonly #oldest: Readonly<Record<Resolution, StatementSync>>;
  readonly #newest: Readonly<Record<Resolution, StatementSync>>;
  readonly #pages: StatementSync;

  constructor(db: Pick<Database, 'prepare'>) {
    this.#insertMetric = db.prepare('INSERT INTO metrics (name) VALUES (?)');
    this.#insertSample = db.prepare('INSERT OR REPLACE INTO samples (metric, t, value) VALUES (?, ?, ?)');
    const merge = (table: string): StatementSync =>
      db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?) ${MERGE}`);
    this.#merge = { minutes: merge('minutes'), hours: merge('hours') };
    const select = (table: string, sums: string): StatementSync =>
      db.prepare(
        `SELECT t - (t - CAST(?3 AS INTEGER)) % CAST(?1 AS INTEGER) AS t_ms, ${sums} FROM ${table} WHERE metric = ?2 AND t >= ?3 AND t < ?4 GROUP BY 1 ORDER BY 1`,
      );
    const ofRollups = 'sum(count) AS count, sum(sum) / sum(count) AS avg, min(min) AS min, max(max) AS max';
    this.#select = {
      samples: select('samples', 'count(*) AS count, avg(value) AS avg, min(value) AS min, max(value) AS max'),
      minutes: select('minutes', ofRollups),
      hours: select('hours', ofRollups),
    };
    const each = (sql: (table: string) => string): Readonly<Record<Resolution, StatementSync>> => ({
      samples: db.prepare(sql('samples')),
      minutes: db.prepare(sql('minutes')),
      hours: db.prepare(sql('hours')),
    });
    this.#prune = each((table) => `DELETE FROM ${table} WHERE metric = ? AND t < ?`);
    this.#pruneAfter = each((table) => `DELETE FROM ${table} WHERE metric = ? AND t > ?`);
    this.#oldest = each((table) => `SELECT min(t) AS t FROM ${table} WHERE metric = ?`);
    this.#newest = each((table) => `SELECT max(t) AS t FROM ${table} WHERE metric = ?`);
    this.#pages = db.prepare(
      `SELECT (page_count - freelist_count) * page_size AS bytes
       FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`,
    );
    for (const { id, name } of db.prepare('SELECT id, name FROM metrics').all()) {
      this.#ids.set(name as string, id as number);
    }
  }

  /** Names of all metrics there ever were. */
  get metrics(): readonly string[] {
    return [...this.#ids.keys()];
  }

  /** What the database takes, without pages that are free again. */
  get bytes(): number {
    return (this.#pages.get() as { bytes: number }).bytes;
  }

  /** Names that came new inside a transaction that was undone. */
  forget(names: readonly string[]): void {
    for (const name of names) this.#ids.delete(name);
  }

  add(samples: readonly TimedSample[]): void {
    const minutes = new Map<string, Rollup>();
    const hours = new Map<string, Rollup>();
    for (const { tMs, values } of samples) {
      for (const [name, value] of Object.entries(values)) {
        const id = this.#idOf(name);
        this.#insertSample.run(id, tMs, value);
        rollUp(minutes, id, tMs, RESOLUTIONS.minutes.spanMs, value);
        rollUp(hours, id, tMs, RESOLUTIONS.hours.spanMs, value);
      }
    }
    this.#store('minutes', minutes);
    this.#store('hours', hours);
  }

  /** Steps of `stepMs` from `fromMs` on, those with anything in them. */
  buckets(metric: string, resolution: Resolution, fromMs: number, untilMs: number, stepMs: number): readonly Bucket[] {
    const id = this.#ids.get(metric);
    if (id === undefined) return [];
    const rows = this.#select[resolution].all(stepMs, id, fromMs, untilMs) as unknown as Bucket[];
    return rows.map(({ t_ms, count, avg, min, max }) => ({ t_ms, count, avg, min, max }));
  }

  /** Of one metric: the oldest row; undefined when there is none. */
  oldest(metric: string, resolution: Resolution): number | undefined {
    return this.#timeOf(this.#oldest[resolution], metric);
  }

  newest(metric: string, resolution: Resolution): number | undefined {
    return this.#timeOf(this.#newest[resolution], metric);
  }

  prune(metric: string, resolution: Resolution, beforeMs: number): void {
    const id = this.#ids.get(metric);
    if (id !== undefined) this.#prune[resolution].run(id, beforeMs);
  }

  pruneAfter(metric: string, resolution: Resolution, afterMs: number): void {
    const id = this.#ids.get(metric);
    if (id !== undefined) this.#pruneAfter[resolution].run(id, afterMs);
  }

  #timeOf(statement: StatementSync, metric: string): number | undefined {
    const id = this.#ids.get(metric);
    return id === undefined ? undefined : ((statement.get(id) as { t: number | null }).t ?? undefined);
  }

  #idOf(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = Number(this.#insertMetric.run(name).lastInsertRowid);
    this.#ids.set(name, id);
    return id;
  }

  #store(table: 'minutes' | 'hours', rollups: ReadonlyMap<string, Rollup>): void {
    for (const [key, { count, sum, min, max }] of rollups) {
      const [id, t] = key.split(':').map(Number);
      this.#merge[table].run(id!, t!, count, sum, min, max);
    }
  }
}

function rollUp(rollups: Map<string, Rollup>, id: number, tMs: number, spanMs: number, value: number): void {
  const key = `${id}:${Math.floor(tMs / spanMs) * spanMs}`;
  const rollup = rollups.get(key);
  if (rollup === undefined) {
    rollups.set(key, { count: 1, sum: value, min: value, max: value });
    return;
  }
  rollup.count += 1;
  rollup.sum += value;
  rollup.min = Math.min(rollup.min, value);
  rollup.max = Math.max(rollup.max, value);
}
