import type { StatementSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Database } from '../database.ts';
import type { StateDatabase, Statement } from '../memory-database.ts';
import { putAside } from '../put-aside.ts';
import { beginState, openState } from './open-state.ts';

export interface StateStoreOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One that was begun anew and is damaged again, or cannot be begun anew, is tried again after so long. */
const BETWEEN_MS = 600_000;

/**
 * `state.db` as the service has it. When it is found damaged while it is used it is put aside and begun anew, and the statements of the
 * tables go on with the new one; until then all that is asked of it fails with what was found wrong.
 */
export class StateStore implements StateDatabase, AsyncDisposable {
  readonly path: string;
  readonly #options: StateStoreOptions;
  readonly #stop = new AbortController();
  #db: Database;
  #isAnew: boolean;
  #renewing: Promise<void> = Promise.resolve();

  /** Throws as `openState`. */
  static async open(path: string, options: StateStoreOptions): Promise<StateStore> {
    const { clock, logger } = options;
    const { database, isAnew } = await openState(path, { logger, nowMs: clock.wall() });
    return new StateStore(database, isAnew, options);
  }

  private constructor(database: Database, isAnew: boolean, options: StateStoreOptions) {
    this.path = database.path;
    this.#options = options;
    this.#db = database;
    this.#isAnew = isAnew;
    this.#watch(database);
  }

  /** It was damaged and begun anew since the start. */
  get isAnew(): boolean {
    return this.#isAnew;
  }

  /** The one of now, damaged or not. */
  get database(): Database {
    return this.#db;
  }

  prepare(sql: string): Statement {
    return new LastingStatement(this, sql);
  }

  /** As `Database.read`. */
  read<T>(what: string, work: () => T): T {
    return this.#sound.read(what, work);
  }

  /** As `Database.write`. */
  async write<T>(what: string, work: () => T, onCommitted?: (result: T) => void): Promise<T> {
    return await this.#sound.write(what, work, onCommitted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#renewing;
    await this.#db[Symbol.asyncDispose]();
  }

  get #sound(): Database {
    this.#db.damaged.throwIfAborted();
    return this.#db;
  }

  #watch({ damaged }: Database): void {
    damaged.addEventListener('abort', () => {
      this.#renewing = this.#renew();
    });
  }

  /** Never rejects. */
  async #renew(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stop;
    for (let isTried = this.#isAnew; !signal.aborted; isTried = true) {
      if (isTried) await clock.sleep(BETWEEN_MS, signal);
      if (signal.aborted) return;
      try {
        await this.#beginAnew();
        return;
      } catch (thrown) {
        const { code, message } = asCamboxError(thrown, 'begin anew', this.path);
        logger.error('state_unavailable', { code, problem: message, retry_ms: BETWEEN_MS });
      }
    }
  }

  async #beginAnew(): Promise<void> {
    const { clock, logger } = this.#options;
    const { message: problem } = asCamboxError(this.#db.damaged.reason, 'use', this.path);
    await this.#db[Symbol.asyncDispose]();
    const kept = await putAside(this.path, clock.wall());
    logger.error('state_damaged', { problem, kept, instead: 'begun anew' });
    this.#db = await beginState(this.path);
    this.#isAnew = true;
    this.#watch(this.#db);
  }
}

/** A statement of whichever database is open when it is run. */
class LastingStatement implements Statement {
  readonly #store: StateStore;
  readonly #sql: string;
  #preparedIn: Database;
  #prepared: StatementSync;

  constructor(store: StateStore, sql: string) {
    this.#store = store;
    this.#sql = sql;
    this.#preparedIn = store.database;
    this.#prepared = store.database.prepare(sql);
  }

  run(...values: Parameters<Statement['run']>): ReturnType<Statement['run']> {
    return this.#now.run(...values);
  }

  get(...values: Parameters<Statement['get']>): ReturnType<Statement['get']> {
    return this.#now.get(...values);
  }

  all(...values: Parameters<Statement['all']>): ReturnType<Statement['all']> {
    return this.#now.all(...values);
  }

  iterate(...values: Parameters<Statement['iterate']>): ReturnType<Statement['iterate']> {
    return this.#now.iterate(...values);
  }

  get #now(): StatementSync {
    const { database } = this.#store;
    if (this.#preparedIn !== database) {
      this.#prepared = database.prepare(this.#sql);
      this.#preparedIn = database;
    }
    return this.#prepared;
  }
}
