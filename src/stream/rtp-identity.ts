import { type RtpTicks, rtpTicks } from '../base/units.ts';

/** What receivers know a stream by, for as long as it lives and wherever it is sent. */
export interface RtpIdentity {
  readonly ssrc: number;
  readonly firstSequence: number;
  /** Added to the ticks of the monotonic clock. */
  readonly timestampOffset: RtpTicks;
}

/**
 * All random, as RFC 3550 §5.1 wants it, but for an SSRC that was asked for. With SRTP the first sequence number is from the
 * lower half: a receiver that misses the first packets still knows that none has wrapped yet (RFC 3711 §3.3.1).
 *
 * @param random in [0, 1)
 */
export function newIdentity(ssrc: number | undefined, isSrtp: boolean, random: () => number): RtpIdentity {
  const bits = (count: number): number => Math.floor(random() * 2 ** count);
  return { ssrc: ssrc ?? bits(32), firstSequence: bits(isSrtp ? 15 : 16), timestampOffset: rtpTicks(bits(32)) };
}
