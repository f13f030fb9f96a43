import { type MonoUs, usFromSeconds } from '../base/units.ts';

/** Assumed until two frames have been seen: 30 a second. */
const FIRST_GUESS_US = usFromSeconds(1 / 30);
/** A longer wait says nothing about the frame rate: the camera was away. */
const MAX_INTERVAL_US = usFromSeconds(10);
/** Weight of the newest interval. */
const GAIN = 1 / 8;

/** The time between two frames, learned from their capture times and smoothed. */
export class FrameInterval {
  #last: { readonly at: MonoUs; readonly sequence: number } | undefined;
  #estimateUs: number | undefined;

  /** Take in a frame. Missing frames (a step in `sequence`) do not lengthen the estimate. */
  note(at: MonoUs, sequence: number): void {
    const last = this.#last;
    this.#last = { at, sequence };
    if (last === undefined) return;
    const intervalUs = (at - last.at) / Math.max(1, sequence - last.sequence);
    if (intervalUs <= 0 || intervalUs > MAX_INTERVAL_US) return;
    const before = this.#estimateUs ?? intervalUs;
    this.#estimateUs = before + (intervalUs - before) * GAIN;
  }

  get us(): number {
    return this.#estimateUs ?? FIRST_GUESS_US;
  }

  /** Undefined until two frames have been seen. */
  get framesPerSecond(): number | undefined {
    return this.#estimateUs === undefined ? undefined : usFromSeconds(1) / this.#estimateUs;
  }
}
