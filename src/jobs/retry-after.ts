import { type MonoUs, msFromUs } from '../base/units.ts';

const FIRST_GUESS_MS = 5000;
/** Nobody is told to come back sooner. */
const LEAST_MS = 500;
const LEAST_PLACE_MS = 5;
const MOST_MS = 10 * 60_000;
/** Weight of the latest duration in the moving average. */
const NEWEST_SHARE = 0.2;

/**
 * When somebody who found the queue full should ask again. Everybody gets a time of his own, one freed place after the
 * other, so that thousands do not come back in the same moment.
 */
export class RetryAfter {
  #meanMs: number | undefined;
  /** The place that was promised last becomes free then. */
  #promisedMs = 0;

  /** A job has taken so long. */
  note(durationMs: number): void {
    this.#meanMs ??= durationMs;
    this.#meanMs += (durationMs - this.#meanMs) * NEWEST_SHARE;
  }

  /** @param atOnce jobs that run at the moment */
  nextMs(now: MonoUs, atOnce: number): number {
    const nowMs = msFromUs(now);
    const placeMs = Math.max(LEAST_PLACE_MS, (this.#meanMs ?? FIRST_GUESS_MS) / Math.max(1, atOnce));
    this.#promisedMs = Math.max(nowMs, this.#promisedMs) + placeMs;
    if (this.#promisedMs - nowMs > MOST_MS) this.#promisedMs = nowMs + placeMs; // begin again with the earliest
    return Math.round(Math.max(LEAST_MS, this.#promisedMs - nowMs));
  }
}
