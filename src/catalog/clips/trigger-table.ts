import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { readCursor } from './cursor.ts';
import type { TriggerOutcome, TriggerRecord } from './trigger-record.ts';

/** A step of clip-migrations.ts. */
export const TRIGGERS_SCHEMA = `
  CREATE TABLE triggers (
    id INTEGER PRIMARY KEY, -- the order in which they came
    at_ms INTEGER NOT NULL,
    clock_synced INTEGER,
    outcome TEXT NOT NULL,
    camera TEXT NOT NULL,
    clip TEXT,
    request TEXT NOT NULL,
    door TEXT NOT NULL,
    "by" TEXT,
    label TEXT,
    class TEXT,
    pre_asked_ms REAL NOT NULL,
    duration_asked_ms REAL,
    code TEXT,
    reason TEXT
  ) STRICT;
  CREATE INDEX triggers_clip ON triggers (clip, id);
  CREATE INDEX triggers_failed ON triggers (id) WHERE outcome IN ('refused', 'failed');
`;

export interface TriggerQuery {
  readonly camera?: string;
  readonly outcome?: TriggerOutcome;
  /** `next` of the page before. */
  readonly cursor?: string;
  readonly limit: number;
}

export interface TriggerPage {
  readonly triggers: readonly TriggerRecord[];
  /** The cursor of the next page; absent on the last one. */
  readonly next?: string;
}

/** Those that have no clip, and those that made one clip longer: the newest so many are kept. */
const MOST_FAILED = 1000;
const MOST_EXTENSIONS = 100;
/** Clips that were under way when the service went have their triggers among so many. */
const LOOKED_AT = 1000;

const OPTIONAL = ['clip', 'by', 'label', 'class', 'duration_asked_ms', 'code', 'reason'] as const;

/** The triggers of the catalogue. Methods that change something are called inside `Database.write`. */
export class TriggerTable {
  readonly #insert: StatementSync;
  readonly #pruneFailed: StatementSync;
  readonly #pruneExtensions: StatementSync;
  readonly #ofClip: StatementSync;
  readonly #newest: StatementSync;
  readonly #shift: StatementSync;
  readonly #fail: StatementSync;
  readonly #failOrphans: StatementSync;
  readonly #forget: StatementSync;
  readonly #last: StatementSync;

  constructor(db: Pick<DatabaseSync, 'prepare'>) {
    this.#insert = db.prepare(
      `INSERT INTO triggers (
         at_ms, clock_synced, outcome, camera, request, door, pre_asked_ms,
         clip, "by", label, class, duration_asked_ms, code, reason
       ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const failed = `outcome IN ('refused', 'failed')`;
    this.#pruneFailed = db.prepare(
      `DELETE FROM triggers WHERE ${failed}
       AND id <= (SELECT id FROM triggers WHERE ${failed} ORDER BY id DESC LIMIT 1 OFFSET ${MOST_FAILED})`,
    );
    const extensions = `clip = ?1 AND outcome = 'extended'`;
    this.#pruneExtensions = db.prepare(
      `DELETE FROM triggers WHERE ${extensions}
       AND id <= (SELECT id FROM triggers WHERE ${extensions} ORDER BY id DESC LIMIT 1 OFFSET ${MOST_EXTENSIONS})`,
    );
    this.#ofClip = db.prepare('SELECT * FROM triggers WHERE clip = ? ORDER BY at_ms, id');
    this.#newest = db.prepare(
      `SELECT * FROM triggers WHERE id < ?1 AND (?2 IS NULL OR camera = ?2) AND (?3 IS NULL OR outcome = ?3)
       ORDER BY id DESC LIMIT ?4`,
    );
    this.#shift = db.prepare('UPDATE triggers SET at_ms = at_ms + ? WHERE clip = ? AND clock_synced IS NOT 1');
    this.#fail = db.prepare(`UPDATE triggers SET outcome = 'failed', code = ?, reason = ? WHERE clip = ?`);
    this.#failOrphans = db.prepare(
      `UPDATE triggers SET outcome = 'failed', code = ?, reason = ?
       WHERE id > ?3 - ${LOOKED_AT} AND id <= ?3 AND NOT ${failed}
       AND NOT EXISTS (SELECT 1 FROM clips WHERE clips.clip = triggers.clip)`,
    );
    this.#forget = db.prepare('DELETE FROM triggers WHERE clip = ?');
    this.#last = db.prepare('SELECT max(id) AS id FROM triggers');
  }

  /** Those that come to be too many go. */
  add(trigger: TriggerRecord): void {
    const { at, outcome, camera, request, door, pre_asked_ms, clip } = trigger;
    const synced = trigger.clock_synced === null ? null : Number(trigger.clock_synced);
    const optional = OPTIONAL.map((name) => trigger[name] ?? null);
    this.#insert.run(Date.parse(at), synced, outcome, camera, request, door, pre_asked_ms, ...optional);
    if (clip === undefined) this.#pruneFailed.run();
    else if (outcome === 'extended') this.#pruneExtensions.run(clip);
  }

  /** The oldest first. */
  ofClip(clip: string): readonly TriggerRecord[] {
    return (this.#ofClip.all(clip) as unknown as TriggerRow[]).map(recordOf);
  }

  /** Newest first. Throws `bad_argument` for a cursor that cannot be meant. */
  find({ camera, outcome, cursor, limit }: TriggerQuery): TriggerPage {
    const found = this.#newest.all(readCursor(cursor), camera ?? null, outcome ?? null, limit + 1);
    const rows = found.slice(0, limit) as unknown as TriggerRow[];
    const last = rows.at(-1);
    const next = found.length > limit && last !== undefined ? { next: String(last.id) } : {};
    return { triggers: rows.map(recordOf), ...next };
  }

  /** The clock was set: those of a clip, as far as they came before it was known to be right. */
  shift(clip: string, ms: number): void {
    this.#shift.run(ms, clip);
  }

  /** Nothing of a clip was kept. */
  fail(clip: string, code: string, reason: string | undefined): void {
    this.#fail.run(code, reason ?? null, clip);
    this.#pruneFailed.run();
  }

  /** The newest that have no clip, up to this one: the service went before anything of it could be kept. */
  failOrphans(upTo: number, code: string, reason: string): void {
    this.#failOrphans.run(code, reason, upTo);
    this.#pruneFailed.run();
  }

  /** A clip is forgotten. */
  forget(clip: string): void {
    this.#forget.run(clip);
  }

  /** The newest of all; 0 when there is none. */
  get last(): number {
    return (this.#last.get() as { id: number | null }).id ?? 0;
  }
}

interface TriggerRow {
  readonly id: number;
  readonly at_ms: number;
  readonly clock_synced: number | null;
  readonly [column: string]: string | number | null;
}

function recordOf(row: TriggerRow): TriggerRecord {
  const record: Record<string, unknown> = {
    at: new Date(row.at_ms).toISOString(),
    clock_synced: row.clock_synced === null ? null : row.clock_synced === 1,
  };
  for (const name of ['outcome', 'camera', 'request', 'door', 'pre_asked_ms', ...OPTIONAL]) {
    if (row[name] !== null) record[name] = row[name];
  }
  return record as unknown as TriggerRecord;
}
