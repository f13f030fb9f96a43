import { type MonoUs, usFromMs } from '../../base/units.ts';
import type { ClipEnd } from './clip.ts';

export interface ClipTimes {
  readonly now: MonoUs;
  /** When the last frame came, or the clip was triggered. */
  readonly arrivedAt: MonoUs;
  /** The capture time at which the clip ends, and as what. */
  readonly endsAt: MonoUs;
  readonly endsAs: ClipEnd;
  /** The camera was reported lost and no frame came since. */
  readonly sourceLost: boolean;
  /** When ffmpeg last took a frame, or none was waiting. */
  readonly fedAt: MonoUs;
  readonly lostAfterMs: number;
}

/** A clip ends by a frame's capture time; when no such frame comes, it ends so long after. */
export const END_GRACE_MS = 1000;
/** ffmpeg that takes no frame for so long while frames wait is given up: it would only pin their memory. */
export const STALLED_MS = 30_000;

/** The backstop for what should have ended a clip but did not come: as what it ends now, or undefined. Pure. */
export function overdueEnd(times: ClipTimes): ClipEnd | undefined {
  const { now, arrivedAt, endsAt, endsAs, sourceLost, fedAt, lostAfterMs } = times;
  if (now - arrivedAt >= usFromMs(lostAfterMs)) return 'camera_lost';
  if (now - endsAt >= usFromMs(END_GRACE_MS)) return sourceLost ? 'camera_lost' : endsAs;
  if (now - fedAt >= usFromMs(STALLED_MS)) return 'ffmpeg_failed';
  return undefined;
}
