/*
 * RFC 2435 §3.1.7
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |       Restart Interval        |F|L|       Restart Count       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */

export const JPEG_RESTART_HEADER_BYTES = 4;
/** F = L = 1 and count 0x3FFF: fragments are not aligned with intervals; reassemble the whole frame (§3.1.7). */
const NOT_ALIGNED = 0xffff;

export interface JpegRestartHeader {
  /** MCUs between restart markers, as in DRI; never 0. */
  readonly interval: number;
  readonly first: boolean;
  readonly last: boolean;
  /** 14 bits. */
  readonly count: number;
}

/** Write a header of JPEG_RESTART_HEADER_BYTES for a fragment that is not aligned with the restart intervals. */
export function writeJpegRestartHeader(view: DataView, at: number, interval: number): void {
  view.setUint16(at, interval);
  view.setUint16(at + 2, NOT_ALIGNED);
}

/** Read the header at `at`, or undefined when the bytes end before it does. */
export function readJpegRestartHeader(view: DataView, at: number): JpegRestartHeader | undefined {
  if (at + JPEG_RESTART_HEADER_BYTES > view.byteLength) return undefined;
  const flags = view.getUint16(at + 2);
  return {
    interval: view.getUint16(at),
    first: (flags & 0x8000) !== 0,
    last: (flags & 0x4000) !== 0,
    count: flags & 0x3fff,
  };
}
