import type { StateDatabase, Statement } from '../memory-database.ts';

export const ALARMS_SCHEMA = 'CREATE TABLE alarms (type TEXT PRIMARY KEY, since_ms INTEGER NOT NULL) STRICT';

export interface RaisedAlarm {
  readonly type: string;
  /** Wall clock, of when it was raised. */
  readonly sinceMs: number;
}

/** Alarms that the broker keeps, or may keep, for this box. Methods that change something are called inside `Database.write`. */
export class AlarmTable {
  readonly #all: Statement;
  readonly #put: Statement;
  readonly #remove: Statement;

  constructor(db: StateDatabase) {
    this.#all = db.prepare('SELECT type, since_ms AS sinceMs FROM alarms');
    this.#put = db.prepare('INSERT OR REPLACE INTO alarms VALUES (?, ?)');
    this.#remove = db.prepare('DELETE FROM alarms WHERE type = ?');
  }

  all(): RaisedAlarm[] {
    return this.#all.all() as unknown as RaisedAlarm[];
  }

  put({ type, sinceMs }: RaisedAlarm): void {
    this.#put.run(type, sinceMs);
  }

  remove(type: string): void {
    this.#remove.run(type);
  }
}
