import type { CameraState } from '../../base/camera-state.ts';
import type { Sample } from '../../catalog/telemetry/telemetry-tables.ts';
import type { HostReadings } from '../../health/readings.ts';

/** What telemetry takes of a camera. */
export interface SampledCamera {
  readonly id: string;
  readonly state: CameraState;
  /** Since the start. */
  readonly frames: number;
  readonly lastFrameMs: number | undefined;
  clips(): readonly unknown[];
}

const MB = 2 ** 20;

/** The figures of one moment; what this machine does not tell is left out. Pure. */
export function telemetrySample(
  { process: proc, memory, disk, temperature, throttling }: HostReadings,
  cameras: readonly SampledCamera[],
): Sample {
  return {
    rss_mb: rounded(proc.rssBytes / MB),
    cpu_pct: proc.cpuPercent,
    loop_lag_p99_ms: proc.loopLagP99Ms,
    loop_lag_max_ms: proc.loopLagMaxMs,
    ...(memory && { mem_avail_mb: rounded(memory.availableBytes / MB) }),
    ...(disk && { disk_free_mb: rounded(disk.freeBytes / MB) }),
    ...(temperature && { temp_c: temperature.celsius }),
    ...(throttling && { throttled: throttling.bits }),
    ...Object.fromEntries(cameras.flatMap(ofCamera)),
  };
}

function ofCamera(camera: SampledCamera): [string, number][] {
  const { id, state, frames, lastFrameMs } = camera;
  return [
    [`cam.${id}.streaming`, Number(state === 'streaming')],
    [`cam.${id}.frames`, frames],
    ...(lastFrameMs === undefined ? [] : [[`cam.${id}.last_frame_ms`, rounded(lastFrameMs)] as [string, number]]),
    [`cam.${id}.clips`, camera.clips().length],
  ];
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
