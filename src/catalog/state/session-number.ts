import type { StateDatabase } from '../memory-database.ts';

export const SESSION_SCHEMA = `
  CREATE TABLE session (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL) STRICT;
  INSERT INTO session VALUES (1, 0)`;

/** How many times the service has been started with this database, this time included. Rejects when the disk does not take it. */
export async function nextSessionNumber(db: StateDatabase): Promise<number> {
  const count = db.prepare('UPDATE session SET number = number + 1 RETURNING number');
  return await db.write('count a start in', () => (count.get() as { number: number }).number);
}
