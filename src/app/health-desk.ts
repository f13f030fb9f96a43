import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import type { FrameArena } from '../frame/frame-arena.ts';
import { buildHealth, type HealthReport, healthChecks } from '../health/build-health.ts';
import type { CameraHealth, Check } from '../health/checks.ts';
import { FrameMemoryJudge } from '../health/frame-memory.ts';
import { type HealthSampler, openHealthSampler } from '../health/health-sampler.ts';
import type { HostReadings } from '../health/readings.ts';
import { type HardwareReading, readHardware } from '../health/sources/hardware.ts';
import { FrameWatchdog, type WatchdogDecision } from '../health/watchdog.ts';
import type { CameraUnit } from './camera/camera-unit.ts';
import type { Children } from './jobs/children.ts';

const SAMPLE_MS = 5000;

export interface HealthDeskOptions {
  readonly config: Config;
  readonly arena: FrameArena;
  readonly children: Children;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the health report says of the broker; undefined when none is configured. */
export type BrokerHealth = { readonly connected: boolean } & Readonly<Record<string, unknown>>;

/** What other parts judge, and are judged by. */
export interface ChecksOfOthers {
  readonly checks: readonly Check[];
  /** What is to stay free on the disk of the clips. */
  readonly leastFreeBytes: number;
}

/** What other parts add to the report. */
export interface HealthOfOthers extends ChecksOfOthers {
  /** About the catalogue of clips. */
  readonly catalog: Readonly<Record<string, unknown>>;
  /** Until the disk is full; null: not known. */
  readonly hoursLeft: number | null;
  /** Number of this run of the service. */
  readonly session: number;
  /** What waits for the broker. */
  readonly spool: object | undefined;
}

/** Knows how the box is: reads the machine in the background, asks the cameras when a report is wanted. */
export class HealthDesk implements AsyncDisposable {
  readonly hardware: HardwareReading;
  readonly #options: HealthDeskOptions;
  readonly #sampler: HealthSampler;
  readonly #watchdog = new FrameWatchdog();
  readonly #frameMemory = new FrameMemoryJudge();
  #seq = 0;

  private constructor(hardware: HardwareReading, sampler: HealthSampler, options: HealthDeskOptions) {
    this.hardware = hardware;
    this.#sampler = sampler;
    this.#options = options;
  }

  static async open(options: HealthDeskOptions): Promise<HealthDesk> {
    const { config, clock, logger } = options;
    const sysfsRoot = config.health.sysfs_root;
    const sampling = { recordDir: config.record.dir, sysfsRoot, everyMs: SAMPLE_MS, clock, logger };
    return new HealthDesk(await readHardware(sysfsRoot), await openHealthSampler(sampling), options);
  }

  report(cameras: readonly CameraUnit[], mqtt: BrokerHealth | undefined, others: HealthOfOthers): HealthReport {
    const { clock, arena, children } = this.#options;
    this.#seq += 1;
    const report = buildHealth({
      seq: this.#seq,
      mono: clock.now(),
      wall: clock.wall(),
      readings: this.#sampler.latest,
      cameras: cameras.map((camera) => ({ ...healthOf(camera), details: camera.describe() })),
      mqtt,
      clips: { ...clipsHealth(cameras), ...children.report() },
      leastFreeBytes: others.leastFreeBytes,
      catalog: others.catalog,
      hoursLeft: others.hoursLeft,
      session: others.session,
      spool: others.spool,
      otherChecks: this.#otherChecks(others.checks),
    });
    const frames = {
      used_bytes: arena.usedBytes,
      peak_bytes: arena.peakBytes,
      cap_bytes: arena.capBytes,
      refused: arena.refused,
    };
    return { ...report, proc: { ...report.proc, frames } };
  }

  /** The verdicts of the report, alone. */
  checks(cameras: readonly CameraUnit[], mqtt: BrokerHealth | undefined, others: ChecksOfOthers): readonly Check[] {
    const readings = this.#sampler.latest;
    const { checks, leastFreeBytes } = others;
    const otherChecks = this.#otherChecks(checks);
    return healthChecks({ readings, leastFreeBytes, cameras: cameras.map(healthOf), mqtt, otherChecks });
  }

  #otherChecks(ofOthers: readonly Check[]): readonly Check[] {
    const { arena, children, clock } = this.#options;
    return [this.#frameMemory.check(arena.refused, clock.now()), ...children.checks(), ...ofOthers];
  }

  /** The machine as it was read last. */
  get readings(): HostReadings {
    return this.#sampler.latest;
  }

  /** Whether the wall clock has been set since the boot; undefined when nobody tells. */
  get clockSynced(): boolean | undefined {
    return this.#sampler.latest.clockSynced;
  }

  /** Whether systemd's watchdog may be fed now. */
  watchdog(cameras: readonly CameraUnit[]): WatchdogDecision {
    return this.#watchdog.decide({
      now: this.#options.clock.now(),
      loopLagMs: this.#sampler.latest.process.loopLagP99Ms,
      cameras,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sampler[Symbol.asyncDispose]();
  }
}

const healthOf = ({ id, state, warnings, lastFrameMs, fps }: CameraUnit): CameraHealth => ({
  id,
  state,
  warnings,
  lastFrameMs,
  fps,
});

const MB = 2 ** 20;
const megabytes = (bytes: number): number => Math.round(bytes / MB);

/** What the cameras record now, and what each ffmpeg needs for it. */
export const clipsHealth = (cameras: readonly Pick<CameraUnit, 'clips' | 'ffmpegs' | 'oomKills'>[]) => ({
  recording: cameras.reduce((sum, camera) => sum + camera.clips().length, 0),
  ffmpeg: cameras.flatMap(({ ffmpegs }) =>
    ffmpegs.map(({ clip, capBytes, peakBytes, heldBytes }) => ({
      clip,
      mem_peak_mb: megabytes(peakBytes),
      mem_held_mb: megabytes(heldBytes),
      mem_max_mb: megabytes(capBytes),
    })),
  ),
  oom_kills: cameras.reduce((sum, { oomKills }) => sum + oomKills, 0),
});
