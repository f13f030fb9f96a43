import { type MonoUs, type RtpTicks, rtpTicks, rtpTicksAt } from '../base/units.ts';
import { JPEG_CLOCK_HZ } from './rtp-header.ts';

/** Weight of the newest difference (RFC 3550 §A.8). */
const GAIN = 1 / 16;
const NO_OFFSET = rtpTicks(0);

/**
 * How unevenly packets arrive, measured against their timestamps (RFC 3550 §6.4.1, §A.8). The packets of a picture share
 * one timestamp: a sender that spreads them over time shows as jitter.
 */
export class InterarrivalJitter {
  #transit: number | undefined;
  #ticks = 0;

  /** In RTP clock ticks, as reports have it. */
  get ticks(): number {
    return Math.floor(this.#ticks);
  }

  get ms(): number {
    return (this.#ticks / JPEG_CLOCK_HZ) * 1000;
  }

  note(timestamp: RtpTicks, arrivedAt: MonoUs): void {
    const transit = rtpTicksAt(arrivedAt, NO_OFFSET) - timestamp;
    // Modulo 2^32 with a sign: both clocks wrap.
    const change = this.#transit === undefined ? 0 : Math.abs((transit - this.#transit) | 0);
    this.#transit = transit;
    this.#ticks += (change - this.#ticks) * GAIN;
  }
}
