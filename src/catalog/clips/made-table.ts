import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { IDS_A_MS } from './clip-row.ts';
import { readCursor } from './cursor.ts';
import { MADE_KINDS, type MadeKind, type MadeRecord } from './made-record.ts';
import type { Deletable } from './retention.ts';

/** A step of clip-migrations.ts. */
export const MADE_SCHEMA = `
  CREATE TABLE made (
    id INTEGER PRIMARY KEY,             -- when it was made, as clips.id
    file TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    clip TEXT NOT NULL,
    camera TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    clock_synced INTEGER,
    started_ms INTEGER NOT NULL,
    duration_ms REAL NOT NULL,
    job TEXT
  ) STRICT;
  CREATE INDEX made_usage ON made (camera, bytes);
  CREATE INDEX made_kind ON made (kind, id);
`;

/** `deleting`: its file is being removed. */
export type MadeState = 'ready' | 'deleting';

export interface ListedMade {
  /** Its name in the recording folder. */
  readonly file: string;
  readonly state: MadeState;
}

export interface MadeUsage {
  /** Empty when it is not known. */
  readonly camera: string;
  readonly files: number;
  readonly bytes: number;
}

export interface MadeQuery {
  readonly camera?: string;
  readonly kind?: MadeKind;
  /** `next` of the page before. */
  readonly cursor?: string;
  readonly limit: number;
}

export interface MadePage {
  readonly made: readonly MadeRecord[];
  /** The cursor of the next page; absent on the last one. */
  readonly next?: string;
}

interface MadeRow extends Omit<MadeRecord, 'made_at' | 'started_at' | 'clock_synced' | 'job'> {
  readonly id: number;
  readonly state: MadeState;
  readonly made_ms: number;
  readonly started_ms: number;
  readonly clock_synced: number | null;
  readonly job: string | null;
}

/** Files that jobs made of clips. Methods that change something are called inside `Database.write`. */
export class MadeTable {
  readonly #insert: StatementSync;
  readonly #setState: StatementSync;
  readonly #delete: StatementSync;
  readonly #byFile: StatementSync;
  readonly #newest: StatementSync;
  readonly #files: StatementSync;
  readonly #usage: StatementSync;
  readonly #oldest: StatementSync;
  readonly #oldestOfKind: StatementSync;

  constructor(db: Pick<DatabaseSync, 'prepare'>) {
    this.#insert = db.prepare(
      `INSERT INTO made (id, file, kind, state, bytes, clip, camera, made_ms, clock_synced, started_ms, duration_ms, job)
       VALUES (
         (SELECT coalesce(max(id) + 1, ?1) FROM made WHERE id >= ?1 AND id < ?1 + ${IDS_A_MS}),
         ?, ?, 'ready', ?, ?, ?, ?, ?, ?, ?, ?
       ) ON CONFLICT DO NOTHING`,
    );
    this.#setState = db.prepare('UPDATE made SET state = ? WHERE file = ?');
    this.#delete = db.prepare('DELETE FROM made WHERE file = ?');
    this.#byFile = db.prepare('SELECT * FROM made WHERE file = ?');
    this.#newest = db.prepare(
      `SELECT * FROM made WHERE id < ? AND state = 'ready' AND (?2 IS NULL OR camera = ?2) AND (?3 IS NULL OR kind = ?3)
       ORDER BY id DESC LIMIT ?4`,
    );
    this.#files = db.prepare('SELECT file, state FROM made');
    this.#usage = db.prepare('SELECT camera, count(*) AS files, sum(bytes) AS bytes FROM made GROUP BY camera');
    this.#oldest = db.prepare(`SELECT * FROM made WHERE state = 'ready' AND (?1 IS NULL OR camera = ?1) ORDER BY id`);
    this.#oldestOfKind = db.prepare(
      `SELECT * FROM made WHERE kind = ? AND state = 'ready' AND clock_synced IS NOT 0 ORDER BY id`,
    );
  }

  /** Add a file; one of the same name is replaced. */
  put(record: MadeRecord): void {
    this.remove(record.file);
    const { file, kind, bytes, clip, camera, duration_ms, job = null } = record;
    const synced = record.clock_synced === null ? null : Number(record.clock_synced);
    const [madeMs, startedMs] = [Date.parse(record.made_at), Date.parse(record.started_at)];
    for (let ms = madeMs; ; ms++) {
      const values = [file, kind, bytes, clip, camera, madeMs, synced, startedMs, duration_ms, job];
      // all ids of that millisecond may be taken
      if (this.#insert.run(ms * IDS_A_MS, ...values).changes === 1) return;
    }
  }

  get(file: string): MadeRecord | undefined {
    const row = this.#byFile.get(file) as MadeRow | undefined;
    return row && recordOf(row);
  }

  setState(file: string, state: MadeState): void {
    this.#setState.run(state, file);
  }

  remove(file: string): void {
    this.#delete.run(file);
  }

  /** Newest first. Throws `bad_argument` for a cursor that cannot be meant. */
  find({ camera, kind, cursor, limit }: MadeQuery): MadePage {
    const rows = this.#newest.all(readCursor(cursor), camera ?? null, kind ?? null, limit + 1) as unknown as MadeRow[];
    const made = rows.slice(0, limit);
    const last = made.at(-1);
    const next = rows.length > limit && last !== undefined ? { next: String(last.id) } : {};
    return { made: made.map(recordOf), ...next };
  }

  files(): readonly ListedMade[] {
    return this.#files.all() as unknown as ListedMade[];
  }

  /** By camera. */
  usage(): readonly MadeUsage[] {
    return this.#usage.all() as unknown as MadeUsage[];
  }

  /** The oldest that may go, of all cameras or of one. */
  oldest(mayGo: MayGo, camera?: string): Deletable | undefined {
    return firstOf(this.#oldest.iterate(camera ?? null), mayGo);
  }

  /** Of each kind the oldest that may go, but for those that were made while the clock was not known to be right. */
  oldestOfKinds(mayGo: MayGo): readonly Deletable[] {
    return MADE_KINDS.flatMap((kind) => firstOf(this.#oldestOfKind.iterate(kind), mayGo) ?? []);
  }
}

/** False for a file that is in use. */
export type MayGo = (file: string) => boolean;

function firstOf(rows: Iterable<unknown>, mayGo: MayGo): Deletable | undefined {
  for (const row of rows as Iterable<MadeRow>) {
    const { file, kind, camera, made_ms } = row;
    if (mayGo(file)) return { what: 'made', name: file, class: kind, camera, sinceMs: made_ms };
  }
  return undefined;
}

function recordOf({ id: _, state: __, made_ms, started_ms, clock_synced, job, ...row }: MadeRow): MadeRecord {
  return {
    ...row,
    made_at: new Date(made_ms).toISOString(),
    started_at: new Date(started_ms).toISOString(),
    clock_synced: clock_synced === null ? null : clock_synced === 1,
    ...(job !== null && { job }),
  };
}
