import { DatabaseSync } from 'node:sqlite';
import { CamboxError } from '../base/errors.ts';
import { BEGUN_ANEW, type DatabaseRemedies, databaseError, SQLITE_CORRUPT } from './database-error.ts';

/** Pages that SQLite keeps in memory, in KiB; the kernel caches the rest. */
const CACHE_KIB = 256;
/** For the lock of a program that looks into the database while it is opened. */
const OPEN_TIMEOUT_MS = 2000;

export interface SqliteOptions {
  /** The schema, step by step. */
  readonly migrations: readonly string[];
  /** Look whether it is whole: reads all of it. Default true. */
  readonly check?: boolean;
  readonly remedies?: DatabaseRemedies;
  /** Give pages that are free back to the disk, where that is worth it. Default false. */
  readonly shrink?: boolean;
}

/** So much free is given back, when it is most of the file and what is used is copied in a moment. */
const LEAST_FREED_BYTES = 4 * 1024 * 1024;
const MOST_COPIED_BYTES = 8 * 1024 * 1024;

/**
 * Open or make a database and bring it to today's schema. Blocks until all that it does is on the disk: before any camera runs. Throws
 * as `Database.open`.
 */
export function openSqlite(path: string, options: SqliteOptions): DatabaseSync {
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
    throw databaseError(thrown, 'open', path, options.remedies);
  }
}

function prepare(
  sqlite: DatabaseSync,
  path: string,
  { migrations, check = true, remedies, shrink = false }: SqliteOptions,
): void {
  sqlite.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA temp_store = MEMORY`);
  if (check) assertWhole(sqlite);
  migrate(sqlite, path, migrations, remedies);
  if (shrink) giveBackFree(sqlite, path);
  sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = OFF; PRAGMA busy_timeout = 0');
}

/** A disk that has no room for it keeps the file as it is. */
function giveBackFree(sqlite: DatabaseSync, path: string): void {
  const { total, free } = sqlite
    .prepare(
      `SELECT page_count * page_size AS total, freelist_count * page_size AS free
       FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`,
    )
    .get() as { total: number; free: number };
  if (free < LEAST_FREED_BYTES || free < total / 2 || total - free > MOST_COPIED_BYTES) return;
  try {
    sqlite.exec('VACUUM');
  } catch (thrown) {
    if (databaseError(thrown, 'shrink', path).code !== 'disk_full') throw thrown;
  }
}

function assertWhole(sqlite: DatabaseSync): void {
  const { quick_check } = sqlite.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (quick_check !== 'ok') throw Object.assign(new Error(quick_check), { errcode: SQLITE_CORRUPT });
}

function migrate(
  sqlite: DatabaseSync,
  path: string,
  migrations: readonly string[],
  { anew = BEGUN_ANEW }: DatabaseRemedies = {},
): void {
  const { user_version: version } = sqlite.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) {
    throw new CamboxError('unsupported', {
      verb: 'open',
      thing: `the database ${path}`,
      reason: `a newer cambox made it (schema ${version}; this one knows ${migrations.length})`,
      remedy: `Install that version again, or move the file away: it is ${anew}`,
    });
  }
  for (const [i, step] of migrations.entries()) {
    if (i < version) continue;
    sqlite.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${i + 1}; COMMIT`);
  }
}
