import { type MonoUs, monoPlus, type RtpTicks, secondsFromUs, usFromSeconds } from '../base/units.ts';
import { JPEG_CLOCK_HZ } from './rtp-header.ts';

/** Timestamps that step this much more or less than the time that passed tell nothing: the sender's clock was set. */
const MAX_DEVIATION_S = 10;
/** Two pictures of one time would be refused by whoever stores them: a tick, rounded up. */
const LEAST_STEP_US = Math.ceil(usFromSeconds(1 / JPEG_CLOCK_HZ));

interface Point {
  /** On the timeline, not rounded. */
  readonly at: MonoUs;
  readonly timestamp: RtpTicks;
  readonly arrivedAt: MonoUs;
}

/**
 * RTP timestamps on our monotonic clock: the first picture stands at its arrival, the others as far behind it as the
 * sender's clock tells. Wraps of the 32 bits are followed; times only ever grow. Where timestamps step back, stand still
 * or jump, the time of arrival takes over.
 */
export class RtpTimeline {
  #last: Point | undefined;
  #isNewClock = false;

  /** The time of a picture. Pictures come in the order they were sent. */
  at(timestamp: RtpTicks, arrivedAt: MonoUs): MonoUs {
    const last = this.#last;
    const at = last === undefined ? arrivedAt : monoPlus(last.at, this.#stepUs(last, timestamp, arrivedAt));
    this.#last = { at, timestamp, arrivedAt };
    this.#isNewClock = false;
    return at;
  }

  /** Another source with another clock follows: its first picture is placed by its arrival. */
  changeClock(): void {
    this.#isNewClock = true;
  }

  #stepUs(last: Point, timestamp: RtpTicks, arrivedAt: MonoUs): number {
    const passedUs = arrivedAt - last.arrivedAt;
    // Modulo 2^32 with a sign.
    const stepS = ((timestamp - last.timestamp) | 0) / JPEG_CLOCK_HZ;
    const tells = !this.#isNewClock && stepS > 0 && Math.abs(stepS - secondsFromUs(passedUs)) < MAX_DEVIATION_S;
    return Math.max(LEAST_STEP_US, tells ? usFromSeconds(stepS) : passedUs);
  }
}
