import type { RtpTicks } from '../base/units.ts';

/** A longer time between two frames says nothing about the frame rate: 10 s. */
const MAX_INTERVAL_TICKS = 900_000;

/**
 * How many frames are gone with all their packets. Packet numbers tell only that something is missing; how many frames
 * it was follows from the step of the timestamps and the usual step between two frames.
 */
export class LostFrameEstimate {
  /** Of the last frame of which a packet came. */
  #last: RtpTicks | undefined;
  /** The usual step, taken from two frames with nothing missing between them. */
  #interval: number | undefined;
  #isGap = false;

  /** A packet of this frame came. */
  see(timestamp: RtpTicks): void {
    if (timestamp === this.#last) return;
    const step = this.#last === undefined ? 0 : ticksBetween(this.#last, timestamp);
    if (!this.#isGap && step > 0 && step < MAX_INTERVAL_TICKS) this.#interval = step;
    this.#last = timestamp;
    this.#isGap = false;
  }

  /**
   * Frames of which no packet came, where `missing` packets are lost between the last packet seen and one of the frame
   * `timestamp`, another one. `torn` of these two frames lack packets too, and those are among the missing ones.
   */
  wholeFrames(timestamp: RtpTicks, missing: number, torn: number): number {
    this.#isGap = true;
    const least = torn === 0 ? 1 : 0;
    if (this.#last === undefined || this.#interval === undefined) return least;
    const between = Math.round(ticksBetween(this.#last, timestamp) / this.#interval) - 1;
    return Math.max(least, Math.min(between, missing - torn));
  }

  /** What comes next has nothing to do with what came before. */
  forget(): void {
    this.#last = undefined;
    this.#interval = undefined;
    this.#isGap = false;
  }
}

/** Modulo 2^32 with a sign. */
const ticksBetween = (from: RtpTicks, to: RtpTicks): number => (to - from) | 0;
