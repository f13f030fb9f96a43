import { Backoff } from '../../base/backoff.ts';
import type { StateDatabase } from '../../catalog/memory-database.ts';
import type { Config } from '../../config/config.ts';
import type { HostReadings } from '../../health/readings.ts';
import type { Announcer } from '../fleet/announcer.ts';
import { TelemetryFeed } from '../fleet/telemetry-feed.ts';
import { TelemetryDesk, type TelemetryDeskOptions } from './telemetry-desk.ts';
import { type SampledCamera, telemetrySample } from './telemetry-sample.ts';

export interface TelemetryParts extends Pick<TelemetryDeskOptions, 'clock' | 'logger'> {
  /** `state.db`, if there is one. */
  readonly db: StateDatabase | undefined;
  readonly announcer: Pick<Announcer, 'telemetry' | 'telemetryBatch'>;
  config(): Pick<Config, 'record' | 'health' | 'mqtt'>;
  readings(): HostReadings;
  cameras(): readonly SampledCamera[];
}

const RETRY = { firstMs: 10_000, maxMs: 300_000 };
const BYTES_PER_MB = 2 ** 20;

/** The telemetry of a box, kept and told to the fleet; nothing is opened yet. */
export function makeTelemetry({
  clock,
  logger,
  db,
  announcer,
  config,
  readings,
  cameras,
}: TelemetryParts): TelemetryDesk {
  const { record, health } = config();
  const feed = new TelemetryFeed({
    ...{ clock, logger, db },
    everyS: () => (config().mqtt.url === '' ? 0 : config().mqtt.telemetry_interval_s),
    query: (query) => desk.query(query),
    live: (body) => announcer.telemetry(body),
    batch: (body) => announcer.telemetryBatch(body),
  });
  const desk = new TelemetryDesk({
    ...{ dir: record.dir, prometheusFile: health.prometheus_file, clock, logger, backoff: new Backoff(RETRY) },
    budgetBytes: health.telemetry_mb * BYTES_PER_MB,
    clockSynced: () => readings().clockSynced,
    sample: () => telemetrySample(readings(), cameras()),
    onSample: (tMs, values) => feed.onSample(tMs, values),
  });
  return desk;
}
