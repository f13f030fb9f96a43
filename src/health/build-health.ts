import { type MonoUs, msFromUs, type WallMs } from '../base/units.ts';
import {
  type CameraHealth,
  type Check,
  cameraChecks,
  type HealthStatus,
  hostChecks,
  mqttCheck,
  overallStatus,
} from './checks.ts';
import type { HostReadings } from './readings.ts';

type Json = Readonly<Record<string, unknown>>;

export interface HealthInput {
  /** Number of this run of the service. */
  readonly session?: number;
  /** Counts the reports since the start. */
  readonly seq: number;
  readonly mono: MonoUs;
  readonly wall: WallMs;
  readonly readings: HostReadings;
  /** What is to stay free on the disk of the clips. */
  readonly leastFreeBytes: number;
  /** `details` is what the camera tells of itself; it goes into the report as it is. */
  readonly cameras: readonly (CameraHealth & { readonly details: Json })[];
  /** Undefined: no broker is configured. */
  readonly mqtt: (Json & { readonly connected: boolean }) | undefined;
  /** What waits for the broker. */
  readonly spool?: object | undefined;
  /** About clips, as the recorder tells it. */
  readonly clips?: Json;
  /** Until the disk is full, at the rate of the last day; null: not known. */
  readonly hoursLeft?: number | null;
  /** About the catalogue of clips, as it tells it. */
  readonly catalog?: Json;
  /** Verdicts of other parts. */
  readonly otherChecks?: readonly Check[];
}

/** What the verdicts need of it. */
export interface ChecksInput extends Pick<HealthInput, 'readings' | 'leastFreeBytes' | 'mqtt' | 'otherChecks'> {
  readonly cameras: readonly CameraHealth[];
}

/** The `health` message (docs/mqtt.md). Every figure is there that this machine can give. */
export interface HealthReport {
  readonly status: HealthStatus;
  readonly session?: number;
  readonly seq: number;
  readonly ts: string;
  readonly mono_ms: number;
  readonly clock: { readonly synced: boolean | null };
  readonly checks: readonly Check[];
  readonly proc: Json;
  readonly host: Json;
  readonly disk?: Json;
  readonly mqtt?: Json;
  readonly spool?: object;
  readonly cams: Json;
  readonly clips?: Json;
  readonly catalog?: Json;
}

const MB = 2 ** 20;
const megabytes = (bytes: number): number => Math.round(bytes / MB);

/** All verdicts. Pure. */
export function healthChecks({ readings, leastFreeBytes, mqtt, cameras, otherChecks = [] }: ChecksInput): Check[] {
  return [
    ...hostChecks(readings, leastFreeBytes),
    ...(mqtt === undefined ? [] : [mqttCheck(mqtt.connected)]),
    ...cameraChecks(cameras),
    ...otherChecks,
  ];
}

/** Put the report together. Pure: same input, same report. */
export function buildHealth(input: HealthInput): HealthReport {
  const { readings, cameras, mqtt, spool, session, clips, catalog } = input;
  const checks = healthChecks(input);
  const { process: proc, disk, memory, temperature, throttling } = readings;
  return {
    status: overallStatus(checks),
    ...(session !== undefined && { session }),
    seq: input.seq,
    ts: new Date(input.wall).toISOString(),
    mono_ms: Math.floor(msFromUs(input.mono)),
    clock: { synced: readings.clockSynced ?? null },
    checks,
    proc: {
      rss_mb: megabytes(proc.rssBytes),
      cpu_pct: proc.cpuPercent,
      loop_lag_p99_ms: proc.loopLagP99Ms,
      loop_lag_max_ms: proc.loopLagMaxMs,
    },
    host: {
      ...(temperature && { temp_c: temperature.celsius, temp_zone: temperature.zone }),
      ...(throttling && { throttled: `0x${throttling.bits.toString(16)}` }),
      ...(memory && { mem_avail_mb: megabytes(memory.availableBytes), mem_total_mb: megabytes(memory.totalBytes) }),
    },
    ...(disk && {
      disk: {
        free_mb: megabytes(disk.freeBytes),
        total_mb: megabytes(disk.totalBytes),
        read_only: !disk.writable,
        ...(input.hoursLeft !== undefined && { hours_left: input.hoursLeft }),
      },
    }),
    ...(mqtt && { mqtt }),
    ...(spool && { spool }),
    cams: Object.fromEntries(
      cameras.map(({ id, state, lastFrameMs, details }) => [
        id,
        { ...details, state, last_frame_ms: lastFrameMs ?? null },
      ]),
    ),
    ...(clips && { clips }),
    ...(catalog && { catalog }),
  };
}
