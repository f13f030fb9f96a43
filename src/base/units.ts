/**
 * Units carried in types, so that a time is never taken for a tick or a count. All conversions live in this file.
 * Every value is a plain number at run time.
 */
declare const unit: unique symbol;
type Branded<Name extends string> = number & { readonly [unit]: Name };

/** Microseconds of CLOCK_MONOTONIC: the clock of V4L2 timestamps and of every duration here. */
export type MonoUs = Branded<'MonoUs'>;
/** Milliseconds since 1970 on the wall clock: labels only, never durations; it may step. */
export type WallMs = Branded<'WallMs'>;
/** 90 kHz RTP clock ticks, modulo 2^32 (RFC 2435 §3: the clock rate is 90000). */
export type RtpTicks = Branded<'RtpTicks'>;

const RTP_TICKS_PER_MS = 90;
const TWO_32 = 2 ** 32;

export const monoUs = (value: number): MonoUs => value as MonoUs;
export const wallMs = (value: number): WallMs => value as WallMs;
export const rtpTicks = (value: number): RtpTicks => (value >>> 0) as RtpTicks;

/** A kernel `struct timeval` as microseconds. */
export const monoUsFromTimeval = (seconds: number, microseconds: number): MonoUs =>
  (seconds * 1e6 + microseconds) as MonoUs;

export const usFromMs = (ms: number): number => ms * 1000;
export const msFromUs = (us: number): number => us / 1000;
export const usFromSeconds = (seconds: number): number => seconds * 1e6;
export const secondsFromUs = (us: number): number => us / 1e6;

/** `t + deltaUs` on the monotonic clock. */
export const monoPlus = (t: MonoUs, deltaUs: number): MonoUs => (t + deltaUs) as MonoUs;

/**
 * The RTP timestamp of a capture time: floor(us * 90 / 1000) + offset, modulo 2^32.
 * Exact for every capture time below 2^53 / 90 us (about 3170 years of uptime).
 */
export function rtpTicksAt(t: MonoUs, offset: RtpTicks): RtpTicks {
  const ticks = Math.floor((t * RTP_TICKS_PER_MS) / 1000);
  return ((ticks + offset) % TWO_32) as RtpTicks;
}

/** The next RTP sequence number: modulo 2^16 (RFC 3550 §5.1). */
export const nextSequence = (sequence: number, by = 1): number => (sequence + by) & 0xffff;
