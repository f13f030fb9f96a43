import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { CamboxError } from '../base/errors.ts';
import { type DatabaseRemedies, databaseError } from './database-error.ts';

/** For the lock of the daemon, which holds it for milliseconds. */
const OPEN_TIMEOUT_MS = 2000;

/** A database of ours as another program sees it, beside the daemon or without it: nothing is changed, migrated or waited for. */
export class DatabaseReader implements Disposable {
  readonly path: string;
  readonly #sqlite: DatabaseSync;
  readonly #remedies: DatabaseRemedies | undefined;

  /**
   * Throws `not_found` when there is none, `unsupported` when its schema is not that of `migrations`, and as `Database.open`
   * when it cannot be read.
   */
  static open(path: string, migrations: readonly string[], remedies?: DatabaseRemedies): DatabaseReader {
    if (!existsSync(path))
      throw new CamboxError('not_found', { verb: 'open', thing: path, reason: 'there is no such file' });
    let sqlite: DatabaseSync | undefined;
    try {
      sqlite = openReadOnly(path);
      assertVersion(sqlite, path, migrations.length);
      return new DatabaseReader(path, sqlite, remedies);
    } catch (thrown) {
      sqlite?.close();
      throw thrown instanceof CamboxError ? thrown : databaseError(thrown, 'read', path, remedies);
    }
  }

  private constructor(path: string, sqlite: DatabaseSync, remedies: DatabaseRemedies | undefined) {
    this.path = path;
    this.#remedies = remedies;
    this.#sqlite = sqlite;
  }

  prepare(sql: string): StatementSync {
    return this.#sqlite.prepare(sql);
  }

  /** Run a read; what SQLite throws comes out as a CamboxError. */
  read<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw databaseError(thrown, 'read', this.path, this.#remedies);
    }
  }

  /** Reads all of it; undefined when it is whole, else the first fault that SQLite finds. */
  fault(): string | undefined {
    const { quick_check } = this.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    return quick_check === 'ok' ? undefined : quick_check;
  }

  [Symbol.dispose](): void {
    this.#sqlite.close();
  }
}

/** With its log; without, where this user may not make the file that readers of a log share. */
function openReadOnly(path: string): DatabaseSync {
  const open = (place: string | URL): DatabaseSync => {
    const sqlite = new DatabaseSync(place, { readOnly: true, timeout: OPEN_TIMEOUT_MS });
    try {
      sqlite.prepare('SELECT count(*) FROM sqlite_schema').get();
      return sqlite;
    } catch (thrown) {
      sqlite.close();
      throw thrown;
    }
  };
  try {
    return open(path);
  } catch (thrown) {
    if (databaseError(thrown, 'read', path).code !== 'not_writable') throw thrown;
    const alone = pathToFileURL(path);
    alone.searchParams.set('immutable', '1');
    return open(alone);
  }
}

function assertVersion(sqlite: DatabaseSync, path: string, known: number): void {
  const { user_version: version } = sqlite.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version === known) return;
  throw new CamboxError('unsupported', {
    verb: 'read',
    thing: `the database ${path}`,
    reason: `its schema is ${version}, this cambox knows ${known}`,
    remedy: 'Start the service once, of the version that is installed: it brings the schema up to date',
  });
}
