import type { CameraState } from '../base/camera-state.ts';
import { frameWaitMs } from '../base/frame-wait.ts';
import { type MonoUs, msFromUs } from '../base/units.ts';

/** A camera as the watchdog sees it. */
export interface WatchedCamera {
  readonly id: string;
  /** Only a `streaming` camera owes frames: unplugged is a state, not a failure of the daemon. */
  readonly state: CameraState;
  /** Frames so far. */
  readonly frames: number;
  /** Expected pictures a second. */
  readonly fps: number;
  /** When what is being done about it (opening it, a stage of its recovery) must be over. */
  readonly deadline: MonoUs | undefined;
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
/** So long after a camera's recovery should have begun, or come to an end, it has not. */
const GRACE_MS = 5000;

interface Progress {
  readonly state: WatchedCamera['state'];
  readonly frames: number;
  /** When the count or the state last changed. */
  readonly at: MonoUs;
}

/**
 * Decides whether systemd's watchdog is fed: only while frames really flow from every camera that owes them, or its
 * recovery is under way, so that a daemon which merely runs is restarted. Looks at nothing but its input and what it has seen before; call it several
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
      const reason = this.#complaint(camera, now);
      if (reason !== undefined) return { feed: false, reason };
    }
    return { feed: true };
  }

  #complaint({ id, state, fps, deadline }: WatchedCamera, now: MonoUs): string | undefined {
    if (deadline !== undefined && msFromUs(now - deadline) > GRACE_MS) {
      return `camera ${id} is ${state}, and what is done about it has not come to an end in time`;
    }
    const limitMs = frameWaitMs(fps) + GRACE_MS;
    if (state !== 'streaming' || msFromUs(now - this.#seen.get(id)!.at) <= limitMs) return undefined;
    return `camera ${id} is streaming without a new frame for more than ${Math.round(limitMs)} ms`;
  }

  #progress({ id, state, frames }: WatchedCamera, now: MonoUs): Progress {
    const before = this.#seen.get(id);
    return before?.state === state && before.frames === frames ? before : { state, frames, at: now };
  }
}
