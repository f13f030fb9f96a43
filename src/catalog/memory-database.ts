import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import type { Database } from './database.ts';
import { databaseError } from './database-error.ts';

/** A statement as tables of `state.db` use it. */
export interface Statement {
  run(...values: SQLInputValue[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  get(...values: SQLInputValue[]): Record<string, SQLOutputValue> | undefined;
  all(...values: SQLInputValue[]): Record<string, SQLOutputValue>[];
  iterate(...values: SQLInputValue[]): Iterable<Record<string, SQLOutputValue>>;
}

/** What tables of `state.db` need of their database. */
export interface StateDatabase extends Pick<Database, 'path' | 'read' | 'write'> {
  prepare(sql: string): Statement;
}

const CACHE_KIB = 256;

/** A database that lasts as long as the process: where there is no state folder, the same tables work on this one. */
export class MemoryDatabase implements StateDatabase, Disposable {
  readonly path = 'in memory';
  readonly #sqlite = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });

  constructor(migrations: readonly string[]) {
    this.#sqlite.exec(`PRAGMA cache_size = -${CACHE_KIB}; ${migrations.join(';')}`);
  }

  prepare(sql: string): StatementSync {
    return this.#sqlite.prepare(sql);
  }

  read<T>(what: string, work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw databaseError(thrown, what, 'in memory');
    }
  }

  async write<T>(what: string, work: () => T): Promise<T> {
    this.#sqlite.exec('BEGIN');
    try {
      const result = work();
      this.#sqlite.exec('COMMIT');
      return result;
    } catch (thrown) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
      throw databaseError(thrown, what, 'in memory');
    }
  }

  [Symbol.dispose](): void {
    this.#sqlite.close();
  }
}
