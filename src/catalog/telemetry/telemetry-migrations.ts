/** The schema of `telemetry.db`, step by step, as `clip-migrations.ts`. */
export const TELEMETRY_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE metrics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE samples (
    metric INTEGER NOT NULL, t INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (metric, t)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE minutes (
    metric INTEGER NOT NULL, t INTEGER NOT NULL,
    count INTEGER NOT NULL, sum REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL, PRIMARY KEY (metric, t)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE hours (
    metric INTEGER NOT NULL, t INTEGER NOT NULL,
    count INTEGER NOT NULL, sum REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL, PRIMARY KEY (metric, t)
  ) STRICT, WITHOUT ROWID;
  `,
];
