import type { WallMs } from '../base/units.ts';

/** From the NTP epoch (1900) to that of Unix (1970): 70 years with 17 leap days. */
const EPOCH_OFFSET_S = (70 * 365 + 17) * 86_400;
const TWO_16 = 2 ** 16;
const TWO_32 = 2 ** 32;

/** A wall clock time as RTCP carries it (RFC 3550 §4): seconds since 1900, modulo 2^32, and 1/2^32 seconds. */
export interface NtpTime {
  readonly seconds: number;
  readonly fraction: number;
}

export function ntpTimeOf(wall: WallMs): NtpTime {
  const seconds = Math.floor(wall / 1000);
  return {
    seconds: (seconds + EPOCH_OFFSET_S) % TWO_32,
    fraction: Math.floor(((wall - seconds * 1000) / 1000) * TWO_32),
  };
}

/** The middle 32 bits: 16 bits of seconds, 16 of the fraction (RFC 3550 §4). Names a sender report in a reception report. */
export const compactNtp = ({ seconds, fraction }: NtpTime): number =>
  (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;

/** A duration in units of 1/65536 seconds, as DLSR (RFC 3550 §6.4.1), in milliseconds. */
export const msFromCompact = (duration: number): number => (duration * 1000) / TWO_16;

/** A duration in milliseconds in units of 1/65536 seconds; the longest that 32 bits hold is 18 hours. */
export const compactFromMs = (ms: number): number => Math.min(2 ** 32 - 1, Math.floor((ms * TWO_16) / 1000));
