import { ALARMS_SCHEMA } from './alarm-table.ts';
import { COMMANDS_SCHEMA } from './command-table.ts';
import { COSTS_SCHEMA } from './cost-table.ts';
import { JOBS_SCHEMA } from './job-table.ts';
import { MISSED_TELEMETRY_SCHEMA } from './missed-telemetry.ts';
import { PROBES_SCHEMA } from './probe-table.ts';
import { SESSION_SCHEMA } from './session-number.ts';
import { SPOOL_SCHEMA } from './spool-table.ts';

/**
 * The schema of `state.db`, step by step, as `clip-migrations.ts`: what the service has to know after a restart. Each table's SQL
 * stands in the file of the class that reads and writes it. What the tables mean: docs/catalogue.md.
 */
export const STATE_MIGRATIONS: readonly string[] = [
  COMMANDS_SCHEMA,
  JOBS_SCHEMA,
  SPOOL_SCHEMA,
  SESSION_SCHEMA,
  PROBES_SCHEMA,
  COSTS_SCHEMA,
  ALARMS_SCHEMA,
  MISSED_TELEMETRY_SCHEMA,
];
