import type { StatementSync } from 'node:sqlite';
import { CamboxError } from '../../base/errors.ts';
import type { Database } from '../database.ts';
import { type ClipPage, type ClipQuery, idAt, pageOf, wantedIds } from './clip-page.ts';
import { type ClipRecord, type ClipState, type ClipWords, type RecordedGap, withWords } from './clip-record.ts';
import {
  type ClipRow,
  IDS_A_MS,
  INSERT_CLIP,
  MAY_AGE,
  MAY_GO,
  recordOf,
  rowValues,
  SUMMARY_COLUMNS,
  type SummaryRow,
} from './clip-row.ts';
import type { Deletable } from './retention.ts';
import { factsOf, matchExpression, wordsOf } from './search-words.ts';

/** What clips of one camera take. */
export interface Usage {
  readonly camera: string;
  readonly clips: number;
  readonly bytes: number;
  readonly protectedBytes: number;
}

/** Clips of one camera that began in a span of the wall clock, in ms, and stand behind an id. */
export interface CameraSpan {
  readonly camera: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly after: number;
  readonly limit: number;
}

export interface CameraClip {
  readonly id: number;
  readonly clip: string;
  readonly file: string;
  readonly startedMs: number;
  readonly durationMs: number;
}

export interface ListedFile {
  readonly clip: string;
  /** Its name in the recording folder. */
  readonly file: string;
  readonly state: ClipState;
}

/** What of a clip may change. */
export type ClipChange = ClipWords & { readonly state?: ClipState; readonly protected?: boolean };

/** Shorter clips tell nothing of a bitrate. */
const LEAST_RATED_MS = 1000;
/** Each clip is merged about seven times on its way through 10,000; a clip's words fill less than half a page. */
const MERGED_PAGES = 8;
const NONE: ReadonlySet<string> = new Set();
/** Each is looked up in some microseconds. */
export const CLASSES_AT_A_TIME = 100;

/** The clips of the catalogue. Methods that change something are called inside `Database.write`. */
export class ClipTable {
  readonly #insert: StatementSync;
  readonly #insertGap: StatementSync;
  readonly #insertWords: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteWords: StatementSync;
  readonly #byName: StatementSync;
  readonly #gapsOf: StatementSync;
  readonly #newest: StatementSync;
  readonly #newestMatching: StatementSync;
  readonly #mergeWords: StatementSync;
  readonly #usage: StatementSync;
  readonly #files: StatementSync;
  readonly #oldest: StatementSync;
  readonly #oldestOf: StatementSync;
  readonly #oldestOfClasses: StatementSync;
  readonly #lastTurn: StatementSync;
  readonly #ofCamera: StatementSync;
  readonly #rateOf: StatementSync;
  readonly #recordedSince: StatementSync;
  readonly #unsyncedOf: StatementSync;

  constructor(db: Pick<Database, 'prepare'>) {
    this.#insert = db.prepare(INSERT_CLIP);
    this.#insertGap = db.prepare('INSERT INTO gaps (clip_id, at_ms, lost_ms, frames, "where") VALUES (?, ?, ?, ?, ?)');
    this.#insertWords = db.prepare('INSERT INTO clip_words (rowid, words, facts) VALUES (?, ?, ?)');
    this.#update = db.prepare(
      'UPDATE clips SET state = ?, protected = ?, label = ?, place = ?, events = ?, notes = ?, class = ? WHERE id = ?',
    );
    this.#delete = db.prepare('DELETE FROM clips WHERE id = ?');
    this.#deleteWords = db.prepare('DELETE FROM clip_words WHERE rowid = ?');
    this.#byName = db.prepare('SELECT * FROM clips WHERE clip = ?');
    this.#gapsOf = db.prepare('SELECT at_ms, lost_ms, frames, "where" FROM gaps WHERE clip_id = ? ORDER BY at_ms');
    this.#newest = db.prepare(`SELECT ${SUMMARY_COLUMNS} FROM clips WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?`);
    this.#newestMatching = db.prepare(
      `SELECT ${SUMMARY_COLUMNS} FROM clip_words JOIN clips ON clips.id = clip_words.rowid
       WHERE clip_words MATCH ? AND clip_words.rowid >= ? AND clip_words.rowid < ? ORDER BY clip_words.rowid DESC LIMIT ?`,
    );
    this.#newest.setReturnArrays(true);
    this.#newestMatching.setReturnArrays(true);
    this.#mergeWords = db.prepare(`INSERT INTO clip_words (clip_words, rank) VALUES ('merge', ${MERGED_PAGES})`);
    this.#usage = db.prepare(
      `SELECT camera, count(*) AS clips, sum(bytes * there) AS bytes, sum(bytes * there * protected) AS protectedBytes
       FROM (SELECT camera, bytes, protected, state <> 'missing' AS there FROM clips) GROUP BY camera`,
    );
    // by itself SQLite sorts all clips of a camera
    const inTurn = `SELECT clip, camera, class, started_ms FROM clips INDEXED BY clips_turn WHERE ${MAY_GO}`;
    this.#oldest = db.prepare(`${inTurn} ORDER BY turn`);
    this.#oldestOf = db.prepare(`${inTurn} AND camera = ? ORDER BY turn`);
    this.#oldestOfClasses = db.prepare(
      `WITH RECURSIVE classes (class) AS (
         SELECT (SELECT class FROM clips WHERE class >= ?1 AND ${MAY_AGE} ORDER BY class LIMIT 1)
         UNION ALL
         SELECT (SELECT class FROM clips WHERE class > classes.class AND ${MAY_AGE} ORDER BY class LIMIT 1)
         FROM classes WHERE class IS NOT NULL LIMIT ${CLASSES_AT_A_TIME}
       )
       SELECT clip, camera, clips.class, started_ms FROM classes JOIN clips ON clips.id =
         (SELECT id FROM clips WHERE class = classes.class AND ${MAY_AGE}
            AND clip NOT IN (SELECT value FROM json_each(?2)) ORDER BY id LIMIT 1)`,
    );
    this.#lastTurn = db.prepare('SELECT max(turn) AS turn FROM clips');
    this.#ofCamera = db.prepare(
      `SELECT id, clip, file, started_ms AS startedMs, duration_ms AS durationMs FROM clips
       WHERE camera = ? AND id > ? AND id < ? AND state NOT IN ('missing', 'deleting') ORDER BY id LIMIT ?`,
    );
    this.#rateOf = db.prepare(
      `SELECT max(bytes * 1000.0 / duration_ms) AS rate FROM (
        SELECT bytes, duration_ms FROM clips WHERE camera = ? AND duration_ms >= ${LEAST_RATED_MS} ORDER BY id DESC LIMIT 20
      )`,
    );
    this.#unsyncedOf = db.prepare('SELECT clip FROM clips WHERE boot_id = ? AND clock_synced IS NOT 1 ORDER BY id');
    this.#recordedSince = db.prepare('SELECT total(bytes) AS bytes, min(started_ms) AS first FROM clips WHERE id >= ?');
    this.#files = db.prepare('SELECT clip, file, state FROM clips ORDER BY id');
  }

  /** Add a clip; one of the same name is replaced. */
  put(record: ClipRecord): void {
    const id = this.#insertRow(record);
    this.#insertWords.run(id, wordsOf(record), factsOf(record));
    for (const { at_ms, lost_ms, frames, where } of record.gaps) {
      this.#insertGap.run(id, at_ms, lost_ms, frames, where);
    }
  }

  get(clip: string): ClipRecord | undefined {
    const row = this.#row(clip);
    return row && this.#record(row);
  }

  /** Throws `not_found`. */
  change(clip: string, change: ClipChange): ClipRecord {
    const row = this.#row(clip);
    if (row === undefined) throw noSuchClip(clip);
    const record = withWords({ ...this.#record(row), ...change }, change);
    const { state, label = null, place = null, events = null, notes = null, class: ofClass = '' } = record;
    this.#update.run(state, Number(record.protected), label, place, events, notes, ofClass, row.id);
    this.#deleteWords.run(row.id);
    this.#insertWords.run(row.id, wordsOf(record), factsOf(record));
    return record;
  }

  /**
   * Keep the index of words in order, a little at a time; called after each change, in the same transaction. (By itself FTS5
   * lets it grow untidy and then holds everybody up: 23 ms at 10,000 clips.)
   */
  tidy(): void {
    this.#mergeWords.run();
  }

  /** False when there was none. */
  remove(clip: string): boolean {
    const row = this.#row(clip);
    if (row === undefined) return false;
    this.#deleteWords.run(row.id);
    this.#delete.run(row.id);
    return true;
  }

  /** Throws `bad_argument` for words or a cursor that cannot be meant. */
  find(query: ClipQuery): ClipPage {
    const { from, until, limit } = wantedIds(query);
    const match = matchExpression(query);
    const found =
      match === undefined ? this.#newest.all(from, until, limit) : this.#newestMatching.all(match, from, until, limit);
    return pageOf(found as unknown as SummaryRow[], query.limit);
  }

  /** By camera; a clip whose file is gone takes nothing. */
  usage(): readonly Usage[] {
    return this.#usage.all() as unknown as Usage[];
  }

  /** The clip to delete first, of all cameras or of one, but for those to be left alone. */
  oldest(camera?: string, leaveAlone: ReadonlySet<string> = NONE): Deletable | undefined {
    const rows = camera === undefined ? this.#oldest.iterate() : this.#oldestOf.iterate(camera);
    for (const row of rows as Iterable<unknown> as Iterable<OldestRow>) {
      if (!leaveAlone.has(row.clip)) return deletableOf(row);
    }
    return undefined;
  }

  /**
   * The clip of each class that age may delete first: of `CLASSES_AT_A_TIME` classes from one on, in the order of their names. Clips
   * whose time came from a clock that was not known to be right are left out, and those to be left alone.
   */
  oldestOfClasses(from: string, leaveAlone: ReadonlySet<string> = NONE): readonly Deletable[] {
    const names = JSON.stringify([...leaveAlone]);
    return (this.#oldestOfClasses.all(from, names) as unknown as OldestRow[]).map(deletableOf);
  }

  /** The oldest first. */
  ofCamera({ camera, fromMs, untilMs, after, limit }: CameraSpan): readonly CameraClip[] {
    const from = Math.max(idAt(fromMs) - 1, after);
    return this.#ofCamera.all(camera, from, idAt(untilMs), limit) as unknown as CameraClip[];
  }

  /** Clips of a boot of the machine whose time came from a clock that was not known to be right. */
  unsyncedOf(bootId: string): readonly string[] {
    return this.#unsyncedOf.all(bootId).map(({ clip }) => clip as string);
  }

  /** The most bytes a second that the last clips of a camera took; undefined when it has none. */
  rateOf(camera: string): number | undefined {
    return (this.#rateOf.get(camera) as { rate: number | null }).rate ?? undefined;
  }

  /** Bytes of the clips that started since then, and when the first of them did. */
  recordedSince(sinceMs: number): { readonly bytes: number; readonly sinceMs: number } {
    const row = this.#recordedSince.get(idAt(sinceMs)) as { bytes: number; first: number | null };
    return { bytes: row.bytes, sinceMs: row.first ?? sinceMs };
  }

  /** Every clip's name and file, the oldest first. */
  files(): readonly ListedFile[] {
    return this.#files.all() as unknown as ListedFile[];
  }

  /** Returns its id. One of the same name is removed. */
  #insertRow(record: ClipRecord): number {
    const turn = this.#turnOf(record);
    for (let ms = Date.parse(record.started_at); ; ms++) {
      const { changes, lastInsertRowid } = this.#insert.run(...rowValues(ms * IDS_A_MS, turn, record));
      if (changes === 1) return Number(lastInsertRowid);
      // the name is taken, or all ids of that millisecond are
      if (this.remove(record.clip)) ms -= 1;
    }
  }

  /**
   * When it has to go to make room: clips go in the order of time; one whose time is not known to be right goes when it came, after all
   * that were there. (A box that starts with a clock of 1970 would else lose each clip as soon as it is over.)
   */
  #turnOf({ clip, clock_synced, started_at }: ClipRecord): number {
    const before = this.#row(clip)?.['turn'];
    if (before !== undefined) return before as number;
    const startedMs = Date.parse(started_at);
    if (clock_synced === true) return startedMs;
    const { turn: last } = this.#lastTurn.get() as { turn: number | null };
    return last === null ? startedMs : last + 1;
  }

  #row(clip: string): ClipRow | undefined {
    return this.#byName.get(clip) as ClipRow | undefined;
  }

  #record(row: ClipRow): ClipRecord {
    const gaps = this.#gapsOf.all(row.id) as unknown as RecordedGap[];
    return recordOf(row, gaps);
  }
}

interface OldestRow {
  readonly clip: string;
  readonly camera: string;
  readonly class: string;
  readonly started_ms: number;
}

const deletableOf = ({ clip, camera, class: ofClass, started_ms }: OldestRow): Deletable => ({
  ...{ what: 'clip', name: clip, class: ofClass, camera, sinceMs: started_ms },
});

export const noSuchClip = (clip: string): CamboxError =>
  new CamboxError('not_found', { verb: 'find', thing: `clip ${clip}`, reason: 'the catalogue has none of that name' });
