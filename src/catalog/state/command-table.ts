import type { StateDatabase, Statement } from '../memory-database.ts';

export const COMMANDS_SCHEMA = `
  CREATE TABLE commands (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    reply_topic TEXT,
    correlation BLOB,
    finished INTEGER NOT NULL,
    response TEXT NOT NULL
  ) STRICT`;

export interface CommandRow {
  readonly id: string;
  readonly name: string;
  readonly bodyHash: string;
  /** Where its requester waits; undefined when that is no topic, and when it is over. */
  readonly replyTopic: string | undefined;
  readonly correlation: Uint8Array | undefined;
  readonly finished: boolean;
  /** The latest one, as JSON. */
  readonly response: string;
}

export interface CommandTableLimits {
  /** Commands that are remembered. */
  readonly rows: number;
  /** Of their responses together. */
  readonly responseBytes: number;
}

/** More than a day of a command every nine seconds. */
const LIMITS: CommandTableLimits = { rows: 10_000, responseBytes: 4 * 1024 * 1024 };
/** When there is too much, so much more is freed, so that it is looked for rarely. */
const FREED_PART = 0.25;

interface SqlRow {
  readonly id: string;
  readonly name: string;
  readonly body_hash: string;
  readonly reply_topic: string | null;
  readonly correlation: Uint8Array | null;
  readonly finished: number;
  readonly response: string;
}

/**
 * Commands that were accepted, with their latest response. The oldest are forgotten by their number, not by their age: a clock
 * that is set wrong forgets nothing. When the responses are too many bytes, the oldest lose their `result` alone: what
 * has run is still known. Methods that change something are called inside `Database.write`.
 */
export class CommandTable {
  readonly #limits: CommandTableLimits;
  readonly #get: Statement;
  readonly #put: Statement;
  readonly #answer: Statement;
  readonly #unfinished: Statement;
  readonly #forget: Statement;
  readonly #measure: Statement;
  readonly #large: Statement;
  readonly #cut: Statement;
  /** At least the bytes of all responses: counted when it may be too much. */
  #bytes = Number.POSITIVE_INFINITY;

  constructor(db: StateDatabase, limits: CommandTableLimits = LIMITS) {
    this.#limits = limits;
    this.#get = db.prepare('SELECT * FROM commands WHERE id = ?');
    this.#put = db.prepare(`
      INSERT INTO commands (id, name, body_hash, reply_topic, correlation, finished, response) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET
        finished = excluded.finished, response = excluded.response, reply_topic = NULL, correlation = NULL`);
    this.#answer = db.prepare('UPDATE commands SET response = ? WHERE id = ? AND finished = 0');
    this.#unfinished = db.prepare('SELECT * FROM commands WHERE finished = 0 ORDER BY n');
    this.#forget = db.prepare('DELETE FROM commands WHERE n <= (SELECT max(n) FROM commands) - ? AND finished = 1');
    this.#measure = db.prepare('SELECT coalesce(sum(octet_length(response)), 0) AS bytes FROM commands');
    this.#large = db.prepare(`
      SELECT n, octet_length(response) - octet_length(json_remove(response, '$.result')) AS freed FROM commands
      WHERE finished = 1 AND response LIKE '%"result":%' ORDER BY n`);
    this.#cut = db.prepare(`UPDATE commands SET response = json_remove(response, '$.result') WHERE n = ?`);
  }

  get(id: string): CommandRow | undefined {
    const row = this.#get.get(id) as SqlRow | undefined;
    return row === undefined ? undefined : rowOf(row);
  }

  /** Those that a service which is no more had begun. */
  unfinished(): CommandRow[] {
    return (this.#unfinished.all() as unknown as SqlRow[]).map(rowOf);
  }

  /** A new command, or the end of one that is there. */
  put({ id, name, bodyHash, replyTopic, correlation, finished, response }: CommandRow): void {
    this.#put.run(id, name, bodyHash, replyTopic ?? null, correlation ?? null, finished ? 1 : 0, response);
    this.#bytes += Buffer.byteLength(response);
    this.#makeRoom();
  }

  /** Another response on the way. */
  answer(id: string, response: string): void {
    this.#answer.run(response, id);
    this.#bytes += Buffer.byteLength(response);
  }

  #makeRoom(): void {
    this.#forget.run(this.#limits.rows);
    if (this.#bytes <= this.#limits.responseBytes) return;
    this.#bytes = this.#count(); // what was replaced has been counted, too
    const wanted = this.#limits.responseBytes * (1 - FREED_PART);
    if (this.#bytes <= this.#limits.responseBytes) return;
    const cut: number[] = [];
    for (const row of this.#large.iterate()) {
      const { n, freed } = row as unknown as { n: number; freed: number };
      cut.push(n);
      this.#bytes -= freed;
      if (this.#bytes <= wanted) break;
    }
    for (const n of cut) this.#cut.run(n);
  }

  #count(): number {
    return (this.#measure.get() as { bytes: number }).bytes;
  }
}

const rowOf = (row: SqlRow): CommandRow => ({
  id: row.id,
  name: row.name,
  bodyHash: row.body_hash,
  replyTopic: row.reply_topic ?? undefined,
  correlation: row.correlation ?? undefined,
  finished: row.finished === 1,
  response: row.response,
});
