import type { MonoUs } from '../../base/units.ts';
import type { Seen } from './gap-log.ts';

/** More than wait for ffmpeg and in it, at any rate: four seconds of the fastest camera. */
const KEPT = 512;

/** When the newest frames of a clip were captured, and their numbers: its file may end before the last of them. */
export class RecentFrames {
  #frames: Seen[] = [];

  add(frame: Seen): void {
    this.#frames.push(frame);
    if (this.#frames.length >= 2 * KEPT) this.#frames = this.#frames.slice(KEPT);
  }

  /** The last one before `time`; undefined when all of them are later. */
  lastBefore(time: MonoUs): Seen | undefined {
    return this.#frames.findLast(({ capturedAt }) => capturedAt < time);
  }
}
