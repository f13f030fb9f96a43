import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CamboxError, type ErrorCode } from '../base/errors.ts';
import { ResourceStack } from '../base/resource-stack.ts';
import { type DatabaseRemedies, databaseError } from './database-error.ts';
import { DiskSync, type SyncedFile } from './disk-sync.ts';
import { openSqlite, type SqliteOptions } from './open-sqlite.ts';

/** The log goes into the database when it has so many bytes: 128 pages of 4 KiB, copied in half a millisecond. */
const CHECKPOINT_BYTES = 512 * 1024;
/** Writes that wait while the log goes into the database; more are refused. */
const MAX_WAITING = 1000;

export interface DatabaseOptions extends SqliteOptions {
  /** Wraps the two files that are brought to the disk; for tests. */
  readonly wrapFile?: (file: FileHandle, which: 'log' | 'database') => SyncedFile;
}

/** Failures that say something of the disk, not of what was asked. */
const FAULTS: ReadonlySet<ErrorCode> = new Set(['bad_input', 'device_failed', 'disk_full', 'not_writable']);

/**
 * One SQLite database, with one writer: this object. A write is a transaction; its promise resolves when it is on the disk.
 *
 * SQLite itself never waits for the disk after the start (`synchronous = OFF`): that would hold the event loop, and the frame
 * loop with it, for as long as a card takes, which is up to half a second. Instead the same is done in the same order on
 * libuv's threads: the log is synced after each transaction (as `synchronous = FULL` does), and synced, copied, the
 * database synced, the log emptied and synced at each checkpoint, with no write in between.
 */
export class Database implements AsyncDisposable {
  readonly path: string;
  readonly #sqlite: DatabaseSync;
  readonly #remedies: DatabaseRemedies | undefined;
  readonly #database: SyncedFile;
  readonly #sync: DiskSync;
  readonly #handles: ResourceStack;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  /** Set while no write may happen: what resolves when they may again. */
  #checkpointing: Promise<void> | undefined;
  #waiting = 0;
  #logBytes = 0;
  /** The log was copied, and is not safely empty yet: nothing may be written. */
  #halfWay = false;
  #closing: Promise<void> | undefined;
  #syncFailures = 0;
  readonly #damaged = new AbortController();
  #problem: CamboxError | undefined;

  /**
   * Open or make the database, bring it to today's schema and check that it is whole. Throws `bad_input` when it is
   * damaged, `unsupported` when a newer cambox made it, `disk_full`, `not_writable`, `device_failed`.
   */
  static async open(path: string, options: DatabaseOptions): Promise<Database> {
    const { wrapFile = (file) => file } = options;
    await using opening = new ResourceStack();
    const sqlite = openSqlite(path, options);
    opening.defer(() => sqlite.close());
    const log = await open(`${path}-wal`, 'r+');
    opening.use(log);
    const database = await open(path, 'r+');
    opening.use(database);
    await using folder = await open(dirname(path), 'r');
    await folder.sync();
    const files = { log, syncedLog: wrapFile(log, 'log'), database: wrapFile(database, 'database') };
    return new Database(path, sqlite, files, options.remedies, opening.move());
  }

  private constructor(
    path: string,
    sqlite: DatabaseSync,
    { log, syncedLog, database }: DatabaseFiles,
    remedies: DatabaseRemedies | undefined,
    handles: ResourceStack,
  ) {
    this.path = path;
    this.#sqlite = sqlite;
    this.#remedies = remedies;
    this.#database = database;
    this.#sync = new DiskSync({
      datasync: async () => {
        await syncedLog.datasync();
        this.#logBytes = (await log.stat()).size;
      },
    });
    this.#handles = handles;
    this.#begin = sqlite.prepare('BEGIN IMMEDIATE');
    this.#commit = sqlite.prepare('COMMIT');
    this.#rollback = sqlite.prepare('ROLLBACK');
  }

  /** How often the disk refused to store what was written. */
  get syncFailures(): number {
    return this.#syncFailures;
  }

  /**
   * Aborted, with the CamboxError, when a read or write finds that the file is damaged: nothing of it can be relied on any more.
   * What is left to do is to close it and to begin another.
   */
  get damaged(): AbortSignal {
    return this.#damaged.signal;
  }

  /** What the disk did to the last read or write that failed, until a write is on it again. */
  get problem(): CamboxError | undefined {
    return this.#problem;
  }

  /** Statements are prepared once, by whoever uses them again and again. */
  prepare(sql: string): StatementSync {
    return this.#sqlite.prepare(sql);
  }

  /** Run a read; what SQLite throws comes out as a CamboxError. */
  read<T>(what: string, work: () => T): T {
    if (this.#closing !== undefined) throw this.#refusal(what, 'it is being closed');
    try {
      return work();
    } catch (thrown) {
      throw this.failure(what, thrown);
    }
  }

  /** What a read threw that was not run by `read`, as it comes in steps; it is noted, too. */
  failure(what: string, thrown: unknown): CamboxError {
    const failure = databaseError(thrown, what, this.path, this.#remedies);
    if (FAULTS.has(failure.code) && failure !== thrown) this.#note(failure);
    return failure;
  }

  #note(problem: CamboxError): void {
    this.#problem = problem;
    if (problem.code === 'bad_input') this.#damaged.abort(problem);
  }

  /**
   * Run `work` in a transaction, at once unless a checkpoint is under way. Readers see it from then on; the promise
   * resolves when it is on the disk. Rejects with a CamboxError: what `work` did is undone, unless `onCommitted` was called (as soon as
   * readers see it, before the disk has it).
   */
  async write<T>(what: string, work: () => T, onCommitted?: (result: T) => void): Promise<T> {
    if (this.#closing !== undefined) throw this.#refusal(what, 'it is being closed');
    if (this.#checkpointing !== undefined || this.#halfWay) await this.#turn(what);
    const result = this.#transact(what, work);
    onCommitted?.(result);
    await this.#toDisk(what);
    return result;
  }

  /** Everything is in one file, and closed, when this resolves. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Wait until no checkpoint is under way; one that broke off half-way is ended first. */
  async #turn(what: string): Promise<void> {
    if (this.#waiting >= MAX_WAITING) throw this.#refusal(what, `${MAX_WAITING} writes wait for the disk`);
    this.#waiting += 1;
    await (this.#checkpointing ?? this.#checkpoint());
    this.#waiting -= 1;
    if (this.#halfWay) throw this.#syncFailure(what, new Error('the disk does not store what is written'));
    if (this.#checkpointing !== undefined) await this.#turn(what);
  }

  #transact<T>(what: string, work: () => T): T {
    try {
      this.#begin.run();
      const result = work();
      this.#commit.run();
      return result;
    } catch (thrown) {
      if (this.#sqlite.isTransaction) this.#rollback.run();
      throw this.failure(what, thrown);
    }
  }

  async #toDisk(what: string): Promise<void> {
    try {
      await this.#sync.request();
      if (!this.damaged.aborted) this.#problem = undefined;
      if (this.#logBytes >= CHECKPOINT_BYTES) void this.#checkpoint();
    } catch (thrown) {
      this.#syncFailures += 1;
      throw this.#syncFailure(what, thrown);
    }
  }

  #checkpoint(): Promise<void> {
    this.#checkpointing ??= this.#emptyLog()
      .catch(() => {
        this.#syncFailures += 1; // the log keeps everything: it is tried again after the next write
      })
      .finally(() => {
        this.#checkpointing = undefined;
      });
    return this.#checkpointing;
  }

  /** Nobody writes meanwhile. */
  async #emptyLog(): Promise<void> {
    await this.#sync.request();
    const { log, checkpointed } = this.#sqlite
      .prepare('PRAGMA wal_checkpoint(PASSIVE)')
      .get() as unknown as CheckpointRow;
    if (log !== checkpointed) return; // another program reads: later
    this.#halfWay = true;
    await this.#database.datasync();
    // Not before: an emptied log over a database that is not on the disk would lose both.
    const { busy } = this.#sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as unknown as CheckpointRow;
    // Not later: new frames before old ones of the same log could be read as one log after a power cut.
    await this.#sync.request();
    // Somebody reads the log: SQLite will begin it anew by itself, and has to sync its head then.
    this.#sqlite.prepare(`PRAGMA synchronous = ${busy === 0 ? 'OFF' : 'FULL'}`).run();
    this.#halfWay = false;
  }

  async #close(): Promise<void> {
    await this.#checkpointing;
    await this.#checkpoint();
    await this.#handles[Symbol.asyncDispose]();
  }

  #refusal(verb: string, reason: string): CamboxError {
    return new CamboxError('busy', { verb, thing: `the database ${this.path}`, reason });
  }

  #syncFailure(verb: string, cause: unknown): CamboxError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const failure = new CamboxError('device_failed', { verb, thing: `the database ${this.path}`, reason, cause });
    this.#note(failure);
    return failure;
  }
}

interface DatabaseFiles {
  readonly log: FileHandle;
  readonly syncedLog: SyncedFile;
  readonly database: SyncedFile;
}

interface CheckpointRow {
  /** 1 when somebody reads the log. */
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}
