import type { StateDatabase, Statement } from '../memory-database.ts';

/** What children of each workload needed; the rowid is the order of use. */
export const COSTS_SCHEMA = `
  CREATE TABLE costs (
    workload TEXT PRIMARY KEY,                             -- live/libx264/1280x720/1
    peaks_kib TEXT NOT NULL CHECK (json_valid(peaks_kib))  -- JSON: whole numbers, the oldest first
  ) STRICT`;

/** The table `costs`. Methods that change something are called inside `Database.write`. */
export class CostTable {
  readonly #put: Statement;
  readonly #prune: Statement;
  readonly #all: Statement;

  constructor(db: Pick<StateDatabase, 'prepare'>) {
    this.#put = db.prepare('INSERT OR REPLACE INTO costs (workload, peaks_kib) VALUES (?, ?)');
    this.#prune = db.prepare(
      'DELETE FROM costs WHERE rowid NOT IN (SELECT rowid FROM costs ORDER BY rowid DESC LIMIT ?)',
    );
    this.#all = db.prepare(`SELECT workload, value FROM costs, json_each(peaks_kib)
      WHERE json_each.type = 'integer' AND value > 0 ORDER BY costs.rowid, json_each.id`);
  }

  /** It was used last; of all so many are kept. */
  put(workload: string, peaksKib: readonly number[], most: number): void {
    this.#put.run(workload, JSON.stringify(peaksKib));
    this.#prune.run(most);
  }

  /** By workload, the one used last at the end. */
  all(): Readonly<Record<string, readonly number[]>> {
    const rows = this.#all.all() as unknown as { workload: string; value: number }[];
    const byWorkload = Map.groupBy(rows, ({ workload }) => workload);
    return Object.fromEntries([...byWorkload].map(([workload, peaks]) => [workload, peaks.map(({ value }) => value)]));
  }
}
