import type { StateDatabase, Statement } from '../memory-database.ts';

/** What was found out about encoders. */
export const PROBES_SCHEMA = `
  CREATE TABLE encoder_probes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,          -- wall clock
    key TEXT NOT NULL,               -- of what the verdict hangs on: ffmpeg build, kernel, device, size, arguments
    encoder TEXT NOT NULL,
    size TEXT NOT NULL,              -- 1280x720; empty: no picture had been seen
    ffmpeg TEXT NOT NULL,            -- its version
    works INTEGER NOT NULL,
    reason TEXT,                     -- why it does not
    likeness_db REAL,                -- how like its worst picture was to the camera's
    took_ms INTEGER NOT NULL,
    counts INTEGER NOT NULL          -- 0: may be found otherwise next time, or the encoder was given up since
  ) STRICT;
  CREATE INDEX encoder_probes_key ON encoder_probes (key, id);

  CREATE TABLE demotions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,          -- wall clock
    encoder TEXT NOT NULL,
    size TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT`;

export interface ProbeRow {
  readonly at_ms: number;
  readonly key: string;
  readonly encoder: string;
  readonly size: string;
  readonly ffmpeg: string;
  readonly works: number;
  readonly reason: string | null;
  readonly likeness_db: number | null;
  readonly took_ms: number;
  readonly counts: number;
}

export interface DemotionRow {
  readonly at_ms: number;
  readonly encoder: string;
  readonly size: string;
  readonly reason: string;
}

/** The newest are kept. */
const MOST_PROBES = 500;
const MOST_DEMOTIONS = 20;

const PROBE = [
  'at_ms',
  'key',
  'encoder',
  'size',
  'ffmpeg',
  'works',
  'reason',
  'likeness_db',
  'took_ms',
  'counts',
] as const;
const DEMOTION = ['at_ms', 'encoder', 'size', 'reason'] as const;

const insert = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
const prune = (table: string, most: number): string =>
  `DELETE FROM ${table} WHERE id <= (SELECT max(id) FROM ${table}) - ${most}`;
/** Of each key the newest, when it counts. */
const VALID = `SELECT ${PROBE.join(', ')} FROM encoder_probes
  WHERE id IN (SELECT max(id) FROM encoder_probes GROUP BY key) AND counts = 1 ORDER BY id DESC LIMIT ?`;
const DEMOTIONS = `SELECT ${DEMOTION.join(', ')} FROM demotions ORDER BY id`;

/** The tables `encoder_probes` and `demotions`. Methods that change something are called inside `Database.write`. */
export class ProbeTable {
  readonly #addProbe: Statement;
  readonly #pruneProbes: Statement;
  readonly #discount: Statement;
  readonly #addDemotion: Statement;
  readonly #pruneDemotions: Statement;
  readonly #valid: Statement;
  readonly #demotions: Statement;

  constructor(db: Pick<StateDatabase, 'prepare'>) {
    this.#addProbe = db.prepare(insert('encoder_probes', PROBE));
    this.#pruneProbes = db.prepare(prune('encoder_probes', MOST_PROBES));
    this.#discount = db.prepare('UPDATE encoder_probes SET counts = 0 WHERE encoder = ? AND size = ?');
    this.#addDemotion = db.prepare(insert('demotions', DEMOTION));
    this.#pruneDemotions = db.prepare(prune('demotions', MOST_DEMOTIONS));
    this.#valid = db.prepare(VALID);
    this.#demotions = db.prepare(DEMOTIONS);
  }

  add(row: ProbeRow): void {
    this.#addProbe.run(...PROBE.map((name) => row[name]));
    this.#pruneProbes.run();
  }

  /** What was found of the encoder at that size counts no more. */
  demote(row: DemotionRow): void {
    this.#discount.run(row.encoder, row.size);
    this.#addDemotion.run(...DEMOTION.map((name) => row[name]));
    this.#pruneDemotions.run();
  }

  /** The newest probes that count, of each key one; the newest first. */
  valid(most: number): readonly ProbeRow[] {
    return this.#valid.all(most) as unknown as ProbeRow[];
  }

  /** The oldest first. */
  demotions(): readonly DemotionRow[] {
    return this.#demotions.all() as unknown as DemotionRow[];
  }
}
