import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { CamboxError } from '../base/errors.ts';
import { ResourceStack } from '../base/resource-stack.ts';
import { databaseError, SQLITE_CORRUPT } from './database-error.ts';
import { DiskSync, type SyncedFile } from './disk-sync.ts';

/** The log goes into the database when it has so many bytes: 128 pages of 4 KiB, copied in half a millisecond. */
const CHECKPOINT_BYTES = 512 * 1024;
/** Pages that SQLite keeps in memory, in KiB; the kernel caches the rest. */
const CACHE_KIB = 256;
/** Writes that wait while the log goes into the database; more are refused. */
const MAX_WAITING = 1000;
/** For the lock of a program that looks into the database while it is opened. */
const OPEN_TIMEOUT_MS = 2000;

export interface DatabaseOptions {
  /** Wraps the two files that are brought to the disk; for tests. */
  readonly wrapFile?: (file: FileHandle, which: 'log' | 'database') => SyncedFile;
  /** The schema, step by step. */
  readonly migrations: readonly string[];
  /** Look whether it is whole: reads all of it. Default true. */
  readonly check?: boolean;
}

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
    return new Database(path, sqlite, log, wrapFile(log, 'log'), wrapFile(database, 'database'), opening.move());
  }

  private constructor(
    path: string,
    sqlite: DatabaseSync,
    log: FileHandle,
    syncedLog: SyncedFile,
    database: SyncedFile,
    handles: ResourceStack,
  ) {
    this.path = path;
    this.#sqlite = sqlite;
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

  /** Statements are prepared once, by whoever uses them again and again. */
  prepare(sql: string): StatementSync {
    return this.#sqlite.prepare(sql);
  }

  /** Run a read; what SQLite throws comes out as a CamboxError. */
  read<T>(what: string, work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw databaseError(thrown, what, this.path);
    }
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
      throw databaseError(thrown, what, this.path);
    }
  }

  async #toDisk(what: string): Promise<void> {
    try {
      await this.#sync.request();
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
    return new CamboxError('device_failed', { verb, thing: `the database ${this.path}`, reason, cause });
  }
}

interface CheckpointRow {
  /** 1 when somebody reads the log. */
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/** Blocks until all that it does is on the disk: before any camera runs. */
function openSqlite(path: string, options: DatabaseOptions): DatabaseSync {
  try {
    const sqlite = new DatabaseSync(path, { timeout: OPEN_TIMEOUT_MS, enableForeignKeyConstraints: true });
    try {
      prepare(sqlite, path, options);
      return sqlite;
    } catch (thrown) {
      sqlite.close();
      throw thrown;
    }
  } catch (thrown) {
    throw databaseError(thrown, 'open', path);
  }
}

function prepare(sqlite: DatabaseSync, path: string, { migrations, check = true }: DatabaseOptions): void {
  sqlite.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA temp_store = MEMORY`);
  if (check) assertWhole(sqlite);
  migrate(sqlite, path, migrations);
  sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = OFF; PRAGMA busy_timeout = 0');
}

function assertWhole(sqlite: DatabaseSync): void {
  const { quick_check } = sqlite.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (quick_check !== 'ok') throw Object.assign(new Error(quick_check), { errcode: SQLITE_CORRUPT });
}

function migrate(sqlite: DatabaseSync, path: string, migrations: readonly string[]): void {
  const { user_version: version } = sqlite.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) {
    throw new CamboxError('unsupported', {
      verb: 'open',
      thing: `the database ${path}`,
      reason: `a newer cambox made it (schema ${version}; this one knows ${migrations.length})`,
      remedy: 'Install that version again, or move the file away: a new one is made from the clips',
    });
  }
  for (const [i, step] of migrations.entries()) {
    if (i < version) continue;
    sqlite.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${i + 1}; COMMIT`);
  }
}
