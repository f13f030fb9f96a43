import { crc32 } from 'node:zlib';
import type { StateDatabase, Statement } from '../memory-database.ts';

export const SPOOL_SCHEMA = `
  CREATE TABLE spool (
    key INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    correlation BLOB,
    since_ms INTEGER NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE spool_sizes (class INTEGER PRIMARY KEY, rows INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
  CREATE TRIGGER spool_added AFTER INSERT ON spool BEGIN
    INSERT INTO spool_sizes VALUES (new.key >> 48, 1, octet_length(new.topic) + octet_length(new.payload))
    ON CONFLICT (class) DO UPDATE SET rows = rows + 1, bytes = bytes + excluded.bytes;
  END;
  CREATE TRIGGER spool_removed AFTER DELETE ON spool BEGIN
    UPDATE spool_sizes SET rows = rows - 1, bytes = bytes - octet_length(old.topic) - octet_length(old.payload)
    WHERE class = old.key >> 48;
  END`;

/** What goes first, and is dropped last, stands first. */
export const MESSAGE_CLASSES = ['response', 'event'] as const;
export type MessageClass = (typeof MESSAGE_CLASSES)[number];

export interface SpoolRecord {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly correlation: Uint8Array | undefined;
  /** Wall clock when it was first to be sent. */
  readonly sinceMs: number;
}

export interface StoredRecord extends SpoolRecord {
  readonly key: number;
  /** It is not what was written. */
  readonly damaged: boolean;
}

export interface SpoolSize {
  readonly rows: number;
  readonly bytes: number;
}

export interface SpoolLimits {
  readonly rows: number;
  readonly bytes: number;
}

const LIMITS: SpoolLimits = { rows: 100_000, bytes: 64 * 1024 * 1024 };
/** Keys of one class; within it they are in the order of time, so that the order of keys is the order of sending. */
const KEYS = 2 ** 48;

interface SqlRow {
  readonly key: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly correlation: Uint8Array | null;
  readonly since_ms: number;
  readonly crc: number;
}

const firstKey = (kind: MessageClass): number => MESSAGE_CLASSES.indexOf(kind) * KEYS;

/** Messages on their way out that a restart must not lose. Methods that change something are called inside `Database.write`. */
export class SpoolTable {
  readonly #limits: SpoolLimits;
  /** The highest key given so far, by class: never given again, so that who has read up to one misses nothing. */
  readonly #last: Record<MessageClass, number>;
  readonly #insert: Statement;
  readonly #delete: Statement;
  readonly #next: Statement;
  readonly #sizes: Statement;
  readonly #oldest: Statement;

  constructor(db: StateDatabase, limits: SpoolLimits = LIMITS) {
    this.#limits = limits;
    this.#insert = db.prepare('INSERT INTO spool VALUES (?, ?, ?, ?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM spool WHERE key = ?');
    this.#next = db.prepare('SELECT * FROM spool WHERE key > ? AND key < ? ORDER BY key LIMIT 1');
    this.#sizes = db.prepare('SELECT class, rows, bytes FROM spool_sizes');
    this.#oldest = db.prepare('SELECT key, since_ms FROM spool WHERE key > ? AND key < ? ORDER BY key LIMIT 1');
    const newest = db.prepare('SELECT max(key) AS key FROM spool WHERE key > ? AND key < ?');
    const last = (kind: MessageClass): number =>
      (newest.get(firstKey(kind), firstKey(kind) + KEYS) as { key: number | null }).key ?? firstKey(kind);
    this.#last = db.read('read', () => ({ response: last('response'), event: last('event') }));
  }

  /** Returns its key. */
  add(kind: MessageClass, { topic, payload, correlation, sinceMs }: SpoolRecord): number {
    this.#last[kind] += 1;
    const key = this.#last[kind];
    this.#insert.run(key, topic, payload, correlation ?? null, sinceMs, checksum(topic, payload, correlation));
    return key;
  }

  /** The next one of a class after a key; 0 for the first. */
  next(kind: MessageClass, after: number): StoredRecord | undefined {
    const row = this.#next.get(Math.max(after, firstKey(kind)), firstKey(kind) + KEYS) as SqlRow | undefined;
    if (row === undefined) return undefined;
    const { key, topic, payload, since_ms: sinceMs, crc } = row;
    const correlation = row.correlation ?? undefined;
    return { key, topic, payload, correlation, sinceMs, damaged: checksum(topic, payload, correlation) !== crc };
  }

  remove(key: number): void {
    this.#delete.run(key);
  }

  /** The oldest of the least important class goes until the rest is within the limits. Returns how many of each class. */
  makeRoom(): Record<MessageClass, number> {
    const dropped = { response: 0, event: 0 };
    const sizes = this.sizes();
    let rows = 0;
    let bytes = 0;
    for (const kind of MESSAGE_CLASSES) {
      rows += sizes[kind].rows;
      bytes += sizes[kind].bytes;
    }
    for (const kind of MESSAGE_CLASSES.toReversed()) {
      while (rows > this.#limits.rows || bytes > this.#limits.bytes) {
        const oldest = this.next(kind, 0);
        if (oldest === undefined) break;
        this.remove(oldest.key);
        rows -= 1;
        bytes -= Buffer.byteLength(oldest.topic) + oldest.payload.length;
        dropped[kind] += 1;
      }
    }
    return dropped;
  }

  sizes(): Record<MessageClass, SpoolSize> {
    const rows = this.#sizes.all() as unknown as (SpoolSize & { readonly class: number })[];
    const sizeOf = (kind: MessageClass): SpoolSize => {
      const found = rows.find((row) => MESSAGE_CLASSES[row.class] === kind);
      return { rows: found?.rows ?? 0, bytes: found?.bytes ?? 0 };
    };
    return { response: sizeOf('response'), event: sizeOf('event') };
  }

  /** Since when the oldest one waits, by the wall clock. */
  oldestMs(): number | undefined {
    const times = MESSAGE_CLASSES.map(
      (kind) => this.#oldest.get(firstKey(kind), firstKey(kind) + KEYS) as { since_ms: number } | undefined,
    );
    return times.reduce<number | undefined>(
      (oldest, row) => (row === undefined ? oldest : Math.min(oldest ?? row.since_ms, row.since_ms)),
      undefined,
    );
  }
}

/** CRC-32 (ISO-HDLC, as zlib's) of all that is sent. */
const checksum = (topic: string, payload: Uint8Array, correlation: Uint8Array | undefined): number =>
  crc32(correlation ?? '', crc32(payload, crc32(topic)));
