import { type MonoUs, msFromUs } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';
import { Distribution, type Spread } from './distribution.ts';

/** How regularly pictures come. Milliseconds. */
export interface PaceFigures {
  /** Pictures a second by the source's own count, those that did not reach us included; undefined with fewer than two. */
  readonly rate: number | undefined;
  /** Between a picture and the very next one. */
  readonly interval_ms: Spread | undefined;
  /** The longest time without a picture, missing ones included. */
  readonly longest_wait_ms: number | undefined;
  /** From the driver's time of a picture until it was ours. */
  readonly delay_ms: Spread | undefined;
}

/** The first pictures come irregularly: a camera sets its exposure, and our code is being compiled. */
const WARM_UP = 5;

/** Measures the pace of frames by `clock`: the driver's time of their capture, or the time they reached us. */
export class Pace {
  readonly #clock: 'capture' | 'arrival';
  readonly #intervals = new Distribution();
  readonly #waits = new Distribution();
  readonly #delays = new Distribution();
  #passed = 0;
  #steps = 0;
  #last: { readonly at: MonoUs; readonly sequence: number } | undefined;

  constructor(clock: 'capture' | 'arrival') {
    this.#clock = clock;
  }

  add({ capturedAt, arrivedAt, sequence }: Frame, now: MonoUs): void {
    this.#passed += 1;
    if (this.#passed <= WARM_UP) return;
    const at = this.#clock === 'capture' ? capturedAt : now;
    if (this.#last !== undefined) {
      const ms = msFromUs(at - this.#last.at);
      this.#waits.add(ms);
      this.#steps += sequence - this.#last.sequence;
      if (sequence === this.#last.sequence + 1) this.#intervals.add(ms);
    }
    this.#last = { at, sequence };
    if (this.#clock === 'capture') this.#delays.add(msFromUs(arrivedAt - capturedAt));
  }

  figures(): PaceFigures {
    const { sum } = this.#waits;
    return {
      rate: sum > 0 ? (1000 * this.#steps) / sum : undefined,
      interval_ms: this.#intervals.spread(),
      longest_wait_ms: this.#waits.spread()?.most,
      delay_ms: this.#delays.spread(),
    };
  }
}
