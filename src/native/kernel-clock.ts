import type { NativeFunction } from './call-async.ts';
import { libc } from './libc.ts';
import { assertAbi, type StructLayout } from './struct-layout.ts';

/** The members that are read. */
export const TIMEX: StructLayout = { name: 'struct timex', size: 208, at: { esterror: 32, status: 40 } };
/** <linux/timex.h>: nobody disciplines the clock, or has for nine hours. */
export const STA_UNSYNC = 0x40;
/** NTP_PHASE_LIMIT of the kernel in microseconds: the estimated error of a clock that nobody has disciplined since it was set. */
const UNKNOWN_ERROR_US = 16_000_000n;

/** `struct timex` as adjtimex(2) fills it in. */
export type ReadTimex = (timex: Uint8Array) => number;

let bound: NativeFunction<[timex: Uint8Array], number> | undefined;

/** Without `modes`, which a zeroed struct has none of, it changes nothing and needs no privilege. */
const adjtimex: ReadTimex = (timex) => {
  assertAbi();
  bound ??= libc().func('adjtimex', 'int', ['void *']);
  return bound(timex);
};

/**
 * Whether a time service (whichever: systemd-timesyncd, chrony, ntpd, phc2sys) has brought the wall clock to the right time since the
 * boot, or since somebody set it by hand; undefined where the kernel may not be asked.
 *
 * STA_UNSYNC alone does not tell: the kernel sets it again nine hours after the network went, and chrony leaves it set without its
 * option rtcsync. The estimated error stays.
 *
 * @param read for tests: another kernel's
 */
export function isClockDisciplined(read: ReadTimex = adjtimex): boolean | undefined {
  const timex = new DataView(new ArrayBuffer(TIMEX.size));
  if (read(new Uint8Array(timex.buffer)) < 0) return undefined;
  const isUnsynced = (timex.getInt32(TIMEX.at['status']!, true) & STA_UNSYNC) !== 0;
  return !isUnsynced || timex.getBigInt64(TIMEX.at['esterror']!, true) < UNKNOWN_ERROR_US;
}
