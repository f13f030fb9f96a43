import type { StateDatabase } from '../memory-database.ts';

export const MISSED_TELEMETRY_SCHEMA = `
  CREATE TABLE missed_telemetry (one INTEGER PRIMARY KEY CHECK (one = 1), from_ms INTEGER NOT NULL) STRICT`;

/** Since when the broker has no telemetry of this box. Throws as `Database.read`. */
export function readMissedTelemetry(db: StateDatabase): number | undefined {
  const row = db.read('read', () => db.prepare('SELECT from_ms AS fromMs FROM missed_telemetry').get());
  return (row as { fromMs: number } | undefined)?.fromMs;
}

/** Undefined: it has all. Rejects as `Database.write`. */
export async function writeMissedTelemetry(db: StateDatabase, fromMs: number | undefined): Promise<void> {
  await db.write('keep since when telemetry is missed in', () => {
    if (fromMs === undefined) db.prepare('DELETE FROM missed_telemetry').run();
    else db.prepare('INSERT OR REPLACE INTO missed_telemetry VALUES (1, ?)').run(fromMs);
  });
}
