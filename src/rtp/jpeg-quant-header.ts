/*
 * RFC 2435 §3.1.8
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      MBZ      |   Precision   |             Length            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                    Quantization Table Data                    |
 * |                              ...                              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */

/** Before the tables. */
export const JPEG_QUANT_HEADER_BYTES = 4;
/** 64 coefficients of 8 bits, in zig-zag order as in DQT. */
export const QUANT_TABLE_BYTES = 64;
/** What the first packet of every frame carries: the header, the luma table, the chroma table. */
export const QUANT_SECTION_BYTES = JPEG_QUANT_HEADER_BYTES + 2 * QUANT_TABLE_BYTES;

export interface JpegQuantHeader {
  /** Bit i: table i has 16-bit coefficients; bit 0 is the luma table. */
  readonly precision: number;
  /** Bytes of tables that follow; 0 means the tables sent before. */
  readonly length: number;
}

/**
 * Write QUANT_SECTION_BYTES into `into` at `at`: the header (MBZ 0, precision 0, length 128) and two tables of 8-bit
 * coefficients, copied from `picture` at `lumaAt` and `chromaAt`.
 */
export function writeJpegQuantSection(
  into: Uint8Array,
  at: number,
  picture: Uint8Array,
  lumaAt: number,
  chromaAt: number,
): void {
  into[at] = 0;
  into[at + 1] = 0;
  into[at + 2] = 0;
  into[at + 3] = 2 * QUANT_TABLE_BYTES;
  const luma = at + JPEG_QUANT_HEADER_BYTES;
  const chroma = luma + QUANT_TABLE_BYTES;
  for (let i = 0; i < QUANT_TABLE_BYTES; i++) {
    into[luma + i] = picture[lumaAt + i]!;
    into[chroma + i] = picture[chromaAt + i]!;
  }
}

/** Read the header at `at`, or undefined when the bytes end before it and its tables do. */
export function readJpegQuantHeader(view: DataView, at: number): JpegQuantHeader | undefined {
  if (at + JPEG_QUANT_HEADER_BYTES > view.byteLength) return undefined;
  const header = { precision: view.getUint8(at + 1), length: view.getUint16(at + 2) };
  return at + JPEG_QUANT_HEADER_BYTES + header.length > view.byteLength ? undefined : header;
}
