import { DatabaseReader } from '../database-reader.ts';
import { TELEMETRY_MIGRATIONS } from './telemetry-migrations.ts';
import { planQuery, seriesOf, type TelemetryAnswer, type TelemetryQuery } from './telemetry-query.ts';
import { TelemetryTables } from './telemetry-tables.ts';

/** Answer from what was last written, without a daemon. Throws as `DatabaseReader.open`, and `bad_argument`. */
export function queryStoredTelemetry(path: string, query: TelemetryQuery): TelemetryAnswer {
  using reader = DatabaseReader.open(path, TELEMETRY_MIGRATIONS);
  return reader.read(() => {
    const tables = new TelemetryTables(reader);
    const plan = planQuery(tables, query);
    const series = plan.metrics.flatMap((metric) => seriesOf(tables, metric, plan));
    return { step_ms: plan.stepMs, resolution: plan.resolution, series };
  });
}
