import { Backoff } from '../base/backoff.ts';
import type { Config } from '../config/config.ts';
import type { HostReadings } from '../health/readings.ts';
import { TelemetryDesk, type TelemetryDeskOptions } from './telemetry-desk.ts';
import { type SampledCamera, telemetrySample } from './telemetry-sample.ts';

export interface TelemetryParts extends Pick<TelemetryDeskOptions, 'clock' | 'logger'> {
  readings(): HostReadings;
  cameras(): readonly SampledCamera[];
}

const RETRY = { firstMs: 10_000, maxMs: 300_000 };
const BYTES_PER_MB = 2 ** 20;

/** The telemetry of a box; nothing is opened yet. */
export const makeTelemetry = (
  { record, health }: Pick<Config, 'record' | 'health'>,
  { clock, logger, readings, cameras }: TelemetryParts,
): TelemetryDesk =>
  new TelemetryDesk({
    ...{ dir: record.dir, prometheusFile: health.prometheus_file, clock, logger, backoff: new Backoff(RETRY) },
    budgetBytes: health.telemetry_mb * BYTES_PER_MB,
    sample: () => telemetrySample(readings(), cameras()),
  });
