import type { Clock } from '../../base/clock.ts';
import { type MonoUs, monoUs, usFromMs } from '../../base/units.ts';

/** The wall clock is read to the millisecond; what it is off by more, it was set. */
const TOLERANCE_US = usFromMs(5);

/**
 * Times of arrival as the kernel notes them, on CLOCK_REALTIME, told on the monotonic clock. The distance of the two
 * clocks only changes when the wall clock is set.
 */
export class ArrivalClock {
  readonly #clock: Clock;
  #distanceUs: number | undefined;
  #now: MonoUs;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#now = clock.now();
  }

  /** Look at both clocks: before a number of packets is read. Returns the time now. */
  look(): MonoUs {
    this.#now = this.#clock.now();
    const distanceUs = this.#now - usFromMs(this.#clock.wall());
    if (this.#distanceUs === undefined || Math.abs(distanceUs - this.#distanceUs) > TOLERANCE_US) {
      this.#distanceUs = distanceUs;
    }
    return this.#now;
  }

  /** The monotonic time of an arrival; that of the last look when the kernel does not tell. Never later than that. */
  at(realUs: number | undefined): MonoUs {
    if (realUs === undefined || this.#distanceUs === undefined) return this.#now;
    return monoUs(Math.min(this.#now, realUs + this.#distanceUs));
  }
}
