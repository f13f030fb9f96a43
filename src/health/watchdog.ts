import type { CameraState } from '../base/camera-state.ts';
import { type MonoUs, msFromUs } from '../base/units.ts';

/** A camera as the watchdog sees it. */
export interface WatchedCamera {
  readonly id: string;
  /** Only `streaming` and `starting` cameras owe frames: unplugged is a state, not a failure of the daemon. */
  readonly state: CameraState;
  /** Frames so far. */
  readonly frames: number;
  /** Expected pictures a second. */
  readonly fps: number;
}

export interface WatchdogInput {
  readonly now: MonoUs;
  readonly cameras: readonly WatchedCamera[];
  /** How late the event loop is. */
  readonly loopLagMs: number;
}

/** The reason stays the same as long as it lasts: log it when it changes. */
export type WatchdogDecision = { readonly feed: true } | { readonly feed: false; readonly reason: string };

/** Later than that, nothing else here is reliable either. */
const MAX_LOOP_LAG_MS = 2000;
/** A slow camera gets five of its periods, but no camera less than this. */
const LEAST_STALL_MS = 3000;
const STALL_PERIODS = 5;
/** Opening a camera, with USB enumeration and its first picture, takes no longer. */
const START_MS = 30_000;

interface Progress {
  readonly state: WatchedCamera['state'];
  readonly frames: number;
  /** When the count or the state last changed. */
  readonly at: MonoUs;
}

/**
 * Decides whether systemd's watchdog is fed: only while frames really flow from every camera that owes them, so that
 * a daemon which merely runs is restarted. Looks at nothing but its input and what it has seen before; call it several
 * times per watchdog period.
 */
export class FrameWatchdog {
  #seen = new Map<string, Progress>();

  decide({ now, cameras, loopLagMs }: WatchdogInput): WatchdogDecision {
    this.#seen = new Map(cameras.map((camera) => [camera.id, this.#progress(camera, now)]));
    if (loopLagMs > MAX_LOOP_LAG_MS) {
      return { feed: false, reason: `the event loop is more than ${MAX_LOOP_LAG_MS} ms late` };
    }
    for (const camera of cameras) {
      const limitMs = patienceMs(camera);
      if (msFromUs(now - this.#seen.get(camera.id)!.at) > limitMs) {
        const reason = `camera ${camera.id} is ${camera.state} without a new frame for more than ${Math.round(limitMs)} ms`;
        return { feed: false, reason };
      }
    }
    return { feed: true };
  }

  #progress({ id, state, frames }: WatchedCamera, now: MonoUs): Progress {
    const before = this.#seen.get(id);
    return before?.state === state && before.frames === frames ? before : { state, frames, at: now };
  }
}

function patienceMs({ state, fps }: WatchedCamera): number {
  switch (state) {
    case 'streaming':
      return Math.max((STALL_PERIODS * 1000) / fps, LEAST_STALL_MS);
    case 'starting':
      return START_MS;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
