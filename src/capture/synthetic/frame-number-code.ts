/**
 * The frame number written into a synthetic picture as black and white squares, so that a far end can tell which frame
 * it sees, after JPEG and after a video encoder. 48 cells: 8 of a sync pattern, 32 of the number, 8 of its CRC, most
 * significant bit first, row by row in the lowest whole MCU rows of the picture.
 */

const SYNC = 0b1010_0110;
const BITS = 48;
const MCU = 16;

export const BLACK = 16;
export const WHITE = 235;

/** Where the cells lie, in pixels. Cells are as large as the picture allows: an MCU (16) or a block (8) square. */
export interface CodePlace {
  readonly cell: 16 | 8;
  readonly perRow: number;
  /** First pixel row of the code; a multiple of 16. */
  readonly top: number;
}

/** The place of the code in a picture of this size, or undefined when it is too small to hold one. */
export function codePlace(width: number, height: number): CodePlace | undefined {
  const wholeHeight = height - (height % MCU);
  for (const cell of [16, 8] as const) {
    const perRow = Math.floor(width / cell);
    if (perRow === 0) continue;
    const rows = Math.ceil(BITS / perRow);
    const top = wholeHeight - Math.ceil((rows * cell) / MCU) * MCU;
    if (top >= 0) return { cell, perRow, top };
  }
  return undefined;
}

/** CRC-8 with the polynomial x^8 + x^2 + x + 1 (0x07) over the number's four bytes. */
function crc8(number: number): number {
  let crc = 0;
  for (let shift = 24; shift >= 0; shift -= 8) {
    crc ^= (number >>> shift) & 0xff;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}

/** The 48 bits that stand for a frame number (taken modulo 2^32). */
export function codeBits(number: number): Uint8Array {
  const bits = new Uint8Array(BITS);
  const write = (value: number, at: number, count: number): void => {
    for (let i = 0; i < count; i++) bits[at + i] = (value >>> (count - 1 - i)) & 1;
  };
  write(SYNC, 0, 8);
  write(number >>> 0, 8, 32);
  write(crc8(number >>> 0), 40, 8);
  return bits;
}

/** Which cell a pixel lies in, or -1 when it is outside the code. */
export function cellAt(place: CodePlace, x: number, y: number): number {
  const column = Math.floor(x / place.cell);
  const row = Math.floor((y - place.top) / place.cell);
  if (row < 0 || column >= place.perRow) return -1;
  const index = row * place.perRow + column;
  return index < BITS ? index : -1;
}

/** Height in pixels of the rows that hold the code. */
export const codeHeight = (place: CodePlace): number => Math.ceil(BITS / place.perRow) * place.cell;

/**
 * Read the frame number back from a luma plane. Undefined when there is no code in it or it does not pass its CRC.
 *
 * @param luma 8-bit samples, row by row
 * @param stride bytes from one row to the next; the width when left out
 */
export function readFrameNumber(luma: Uint8Array, width: number, height: number, stride = width): number | undefined {
  const place = codePlace(width, height);
  if (place === undefined || luma.length < stride * (height - 1) + width) return undefined;
  return readCode(luma.subarray(place.top * stride), stride, place);
}

/** The same from the rows of the code alone (`codeHeight` of them, from `place.top` on): for receivers that crop. */
export function readCode(rows: Uint8Array, stride: number, place: CodePlace): number | undefined {
  const bit = (index: number): number => {
    const x = (index % place.perRow) * place.cell;
    const y = Math.floor(index / place.perRow) * place.cell;
    return meanOfMiddle(rows, stride, x, y, place.cell) > (BLACK + WHITE) / 2 ? 1 : 0;
  };
  const read = (at: number, count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) value = (value << 1) | bit(at + i);
    return value >>> 0;
  };
  const number = read(8, 32);
  return read(0, 8) === SYNC && read(40, 8) === crc8(number) ? number : undefined;
}

/** Mean of a cell's inner half, away from the ringing at its borders. */
function meanOfMiddle(luma: Uint8Array, stride: number, x: number, y: number, cell: number): number {
  const margin = cell / 4;
  let sum = 0;
  for (let row = y + margin; row < y + cell - margin; row++) {
    for (let column = x + margin; column < x + cell - margin; column++) sum += luma[row * stride + column]!;
  }
  return sum / (cell - 2 * margin) ** 2;
}
