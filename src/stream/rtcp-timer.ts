import type { Clock } from '../base/clock.ts';
import { type MonoUs, msFromUs, usFromSeconds } from '../base/units.ts';
import { drawnIntervalS, rtcpIntervalS } from '../rtp/rtcp-interval.ts';

/** Weight of the newest datagram in the smoothed size (RFC 3550 §6.3.3). */
const SIZE_GAIN = 1 / 16;
/** UDP header and a short IP header: the sizes that the interval is calculated from include them (RFC 3550 §6.2). */
const LOWER_HEADERS_BYTES = 28;

export interface RtcpTimerDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** True for the session's sender, false for a receiver. */
  readonly isSender: boolean;
  /** Participants of the session, this one included. */
  readonly members: () => number;
  readonly sessionBytesPerSecond: () => number;
  /** A report is due. */
  readonly onDue: () => void;
}

/** Tells when the next report is due, in a session with one sender (RFC 3550 §6.3). */
export class RtcpTimer {
  readonly #deps: RtcpTimerDeps;
  #averageBytes: number | undefined;
  #lastAt: MonoUs | undefined;
  #isFirst = true;
  #cancel: () => void = () => undefined;

  constructor(deps: RtcpTimerDeps) {
    this.#deps = deps;
  }

  /**
   * Start. The first report may be due at once where the only receiver is one machine; in a group it is delayed, as many
   * might start together (RFC 3550 §6.2).
   */
  start(isDelayed: boolean): void {
    this.#lastAt = this.#deps.clock.now();
    if (isDelayed) this.#schedule(this.#drawUs());
    else this.#due();
  }

  /** Take in the size of a datagram that was sent or received. */
  noteSize(bytes: number): void {
    const size = bytes + LOWER_HEADERS_BYTES;
    this.#averageBytes = this.#averageBytes === undefined ? size : mix(this.#averageBytes, size);
  }

  /** Without the random part. */
  get intervalUs(): number {
    return usFromSeconds(
      rtcpIntervalS({
        members: this.#deps.members(),
        senders: 1,
        isSender: this.#deps.isSender,
        isFirst: this.#isFirst,
        sessionBytesPerSecond: this.#deps.sessionBytesPerSecond(),
        averageBytes: this.#averageBytes ?? 0,
      }),
    );
  }

  stop(): void {
    this.#cancel();
    this.#lastAt = undefined;
  }

  #drawUs(): number {
    const { random } = this.#deps;
    return usFromSeconds(drawnIntervalS(this.intervalUs / usFromSeconds(1), random()));
  }

  #schedule(waitUs: number): void {
    this.#cancel = this.#deps.clock.after(Math.ceil(msFromUs(waitUs)), () => this.#expire());
  }

  /** Timer reconsideration: participants may have come meanwhile (RFC 3550 §6.3.6). */
  #expire(): void {
    if (this.#lastAt === undefined) return;
    const remainingUs = this.#lastAt + this.#drawUs() - this.#deps.clock.now();
    if (remainingUs > 0) this.#schedule(remainingUs);
    else this.#due();
  }

  #due(): void {
    this.#lastAt = this.#deps.clock.now();
    this.#deps.onDue();
    this.#isFirst = false;
    this.#schedule(this.#drawUs());
  }
}

const mix = (average: number, size: number): number => average + (size - average) * SIZE_GAIN;
