import type { CameraState, CameraWarning } from '../base/camera-state.ts';
import { frameWaitMs } from '../base/frame-wait.ts';
import type { HostReadings } from './readings.ts';

export type CheckStatus = 'ok' | 'warn' | 'fail';

/** One line of the verdict. `code` and `hint` stand with everything that is not ok. */
export interface Check {
  readonly id: string;
  readonly status: CheckStatus;
  readonly code?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** `degraded`: it does its job, and somebody should look. `failed`: a part of its job is not done. */
export type HealthStatus = 'ok' | 'degraded' | 'failed';

/** A camera as far as health is concerned. */
export interface CameraHealth {
  readonly id: string;
  readonly state: CameraState;
  readonly warnings: readonly CameraWarning[];
  readonly lastFrameMs: number | undefined;
  /** Expected pictures a second. */
  readonly fps: number;
}

const MB = 2 ** 20;
const HOT_CELSIUS = 80; // a Raspberry Pi starts to throttle here
const TOO_HOT_CELSIUS = 95; // a Jetson Orin shuts down at about 105
const LITTLE_MEMORY_BYTES = 64 * MB;
const NO_MEMORY_BYTES = 24 * MB;
/** Of what is to stay free: below it retention lets nothing be recorded. */
const NO_DISK_SHARE = 1 / 8;
const SLOW_LOOP_MS = 200;
const STUCK_LOOP_MS = 2000;

const ok = (id: string): Check => ({ id, status: 'ok' });
const warn = (id: string, code: string, hint: string): Check => ({ id, status: 'warn', code, hint });
const fail = (id: string, code: string, hint: string): Check => ({ id, status: 'fail', code, hint });

export function overallStatus(checks: readonly Check[]): HealthStatus {
  if (checks.some(({ status }) => status === 'fail')) return 'failed';
  return checks.some(({ status }) => status === 'warn') ? 'degraded' : 'ok';
}

/**
 * Everything that the readings allow to judge, in a fixed order.
 *
 * @param leastFreeBytes what is to stay free on the disk of the clips (`retention.least_free_mb`)
 */
export function hostChecks(readings: HostReadings, leastFreeBytes: number): Check[] {
  return [
    checkPower(readings),
    checkTemperature(readings),
    checkMemory(readings),
    checkDisk(readings, leastFreeBytes),
    checkLoop(readings),
    checkClock(readings),
  ].filter((check) => check !== undefined);
}

function checkPower({ throttling }: HostReadings): Check | undefined {
  if (throttling === undefined) return undefined;
  if (throttling.bits & 0x1) return warn('power', 'undervoltage_now', 'Replace the power supply or its cable');
  if (throttling.bits & 0x1_0000) {
    return warn('power', 'undervoltage_since_boot', 'Replace the power supply or its cable');
  }
  return ok('power');
}

function checkTemperature({ temperature, throttling }: HostReadings): Check | undefined {
  if (temperature === undefined && throttling === undefined) return undefined;
  const celsius = temperature?.celsius ?? 0;
  const cool = 'Shade the box, clean or add a heat sink or fan';
  if (celsius >= TOO_HOT_CELSIUS) return fail('temperature', 'too_hot', cool);
  const isThrottled = ((throttling?.bits ?? 0) & 0xc) !== 0; // throttled (2) or at the soft limit (3) now
  if (isThrottled) return warn('temperature', 'throttled_now', cool);
  return celsius >= HOT_CELSIUS ? warn('temperature', 'hot', cool) : ok('temperature');
}

function checkMemory({ memory }: HostReadings): Check | undefined {
  if (memory === undefined) return undefined;
  const hint = 'Lower frames.memory_mb, or see what else runs (cambox top)';
  if (memory.availableBytes < NO_MEMORY_BYTES) return fail('memory', 'memory_exhausted', hint);
  return memory.availableBytes < LITTLE_MEMORY_BYTES ? warn('memory', 'memory_low', hint) : ok('memory');
}

function checkDisk({ disk }: HostReadings, leastFreeBytes: number): Check {
  if (disk === undefined) return warn('disk', 'disk_missing', 'Create or mount the folder in record.dir');
  if (!disk.writable) {
    return fail('disk', 'disk_read_only', 'Check the mount and the owner of record.dir; a worn card goes read-only');
  }
  const hint = 'Delete clips or other files, or use a larger disk: less is free than retention.least_free_mb';
  if (disk.freeBytes < leastFreeBytes * NO_DISK_SHARE) return fail('disk', 'disk_full', hint);
  return disk.freeBytes < leastFreeBytes ? warn('disk', 'disk_low', hint) : ok('disk');
}

function checkLoop({ process: { loopLagP99Ms } }: HostReadings): Check {
  const hint = 'The CPU is overloaded: fewer pictures a second, smaller pictures, or fewer clips at a time';
  if (loopLagP99Ms >= STUCK_LOOP_MS) return fail('loop', 'loop_stuck', hint);
  return loopLagP99Ms >= SLOW_LOOP_MS ? warn('loop', 'loop_slow', hint) : ok('loop');
}

function checkClock({ clockSynced }: HostReadings): Check | undefined {
  if (clockSynced === undefined) return undefined;
  return clockSynced
    ? ok('clock')
    : warn(
        'clock',
        'clock_unsynced',
        'Give the box a time server (timedatectl timesync-status, chronyc tracking); labels of clips are wrong, and none goes by age',
      );
}

/** One check a camera. A lost camera is a failure only when no other one is left. */
export function cameraChecks(cameras: readonly CameraHealth[]): Check[] {
  const anyStreams = cameras.some(({ state }) => state === 'streaming');
  const bad = anyStreams ? warn : fail;
  return cameras.map((camera) => {
    const check = `camera.${camera.id}`;
    switch (camera.state) {
      case 'lost':
        return bad(check, 'camera_lost', 'Plug the camera in, or check its cable and power');
      case 'failed':
        return bad(check, 'camera_failed', 'See why: cambox status, journalctl -u cambox');
      case 'recovering':
        return warn(check, 'camera_recovering', 'Wait: cambox tries to bring it back; its recovery tells how');
      case 'streaming':
        return checkPictures(check, camera);
      default:
        return ok(check);
    }
  });
}

function checkPictures(check: string, { lastFrameMs, fps, warnings }: CameraHealth): Check {
  if (lastFrameMs !== undefined && lastFrameMs > frameWaitMs(fps)) {
    return warn(check, 'camera_stalled', 'It delivers no pictures; cambox recovers it within max(5 periods, 3 s)');
  }
  if (warnings.includes('corrupt')) {
    return warn(check, 'camera_corrupt', 'Its pictures cannot be decoded: take a snapshot and look; replace its cable');
  }
  if (warnings.includes('frozen')) {
    return warn(check, 'camera_frozen', 'It sends the same picture all the time: replug it, or set frozen_recover');
  }
  if (warnings.includes('dark')) {
    return warn(check, 'camera_dark', 'Its pictures are black or of one colour: look at lens, cover and lighting');
  }
  return ok(check);
}

/** Being without a broker harms nobody but who watches from afar. */
export function mqttCheck(connected: boolean): Check {
  return connected ? ok('mqtt') : warn('mqtt', 'mqtt_down', 'Check the network, the broker and mqtt.url');
}
