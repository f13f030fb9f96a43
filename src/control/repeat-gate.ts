import type { Clock } from '../base/clock.ts';
import { type MonoUs, msFromUs } from '../base/units.ts';

/**
 * Lets one log line through per interval and counts the others, for events that a peer can cause as often as it
 * likes.
 */
export class RepeatGate {
  readonly #clock: Clock;
  readonly #everyMs: number;
  #openedAt: MonoUs | undefined;
  #held = 0;

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** How many were held back since the last one that passed; undefined: hold this one back, too. */
  pass(): number | undefined {
    const now = this.#clock.now();
    if (this.#openedAt !== undefined && msFromUs(now - this.#openedAt) < this.#everyMs) {
      this.#held += 1;
      return undefined;
    }
    this.#openedAt = now;
    const held = this.#held;
    this.#held = 0;
    return held;
  }
}
