/*
 * RFC 2435 §3.1
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Type-specific |              Fragment Offset                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      Type     |       Q       |     Width     |     Height    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */

export const JPEG_MAIN_HEADER_BYTES = 8;
/** Type-specific of types 0 and 1: a progressively scanned picture, no interlaced field (RFC 2435 §4.1). */
export const PROGRESSIVE_SCAN = 0;
/** 4:2:2 and 4:2:0 (RFC 2435 §4.1); with restart markers 64 is added (§3.1.3). */
export const TYPE_422 = 0;
export const TYPE_420 = 1;
export const TYPE_RESTART = 64;
/** The tables are in this frame's first packet and may change with every frame (RFC 2435 §3.1.8). */
export const Q_DYNAMIC = 255;
/** Width and height count blocks of 8 pixels in one byte: at most 255 * 8 = 2040 pixels (RFC 2435 §3.1.5, §3.1.6). */
export const MAX_SIDE_PIXELS = 255 * 8;
/** Fragment offset plus length may not exceed 2^24 (RFC 2435 §3.1.2). */
export const MAX_SCAN_BYTES = 2 ** 24;

export interface JpegMainHeader {
  readonly typeSpecific: number;
  /** Bytes of the frame's scan in the packets before this one. */
  readonly fragmentOffset: number;
  readonly type: number;
  readonly q: number;
  /** In blocks of 8 pixels. */
  readonly width8: number;
  readonly height8: number;
}

/** Write a header of JPEG_MAIN_HEADER_BYTES at `at`; type-specific is PROGRESSIVE_SCAN. */
export function writeJpegMainHeader(
  view: DataView,
  at: number,
  fragmentOffset: number,
  type: number,
  q: number,
  width8: number,
  height8: number,
): void {
  view.setUint32(at, (PROGRESSIVE_SCAN << 24) | fragmentOffset);
  view.setUint32(at + 4, (type << 24) | (q << 16) | (width8 << 8) | height8);
}

/** Read the header at `at`, or undefined when the bytes end before it does. */
export function readJpegMainHeader(view: DataView, at: number): JpegMainHeader | undefined {
  if (at + JPEG_MAIN_HEADER_BYTES > view.byteLength) return undefined;
  const offsetWord = view.getUint32(at);
  return {
    typeSpecific: offsetWord >>> 24,
    fragmentOffset: offsetWord & 0xffffff,
    type: view.getUint8(at + 4),
    q: view.getUint8(at + 5),
    width8: view.getUint8(at + 6),
    height8: view.getUint8(at + 7),
  };
}
