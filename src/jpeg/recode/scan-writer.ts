import type { HuffmanCodes } from '../huffman-codes.ts';
import { hasFF } from './byte-stuffing.ts';

/** The longest block: 22 bits of DC, 63 times 26 of AC and 31 pending from before, all stuffed. */
const BLOCK_BYTES_MAX = 2 * Math.ceil((22 + 63 * 26 + 31) / 8);
/** A last byte filled up, its stuffing, and a marker. */
const MARKER_BYTES_MAX = 4;

/**
 * Writes entropy-coded bits, most significant first, with a zero byte stuffed after each 0xFF (T.81 §F.1.2.3), into a
 * buffer that does not grow: `hasRoom` is to be asked before each block. The low `#pendingBits` bits of `#pending` are
 * still to be written; what is above them has been.
 */
export class ScanWriter {
  #pending = 0;
  #pendingBits = 0;
  #at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #lastStart: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#lastStart = bytes.length - BLOCK_BYTES_MAX - MARKER_BYTES_MAX;
  }

  /** Offset behind the bytes written. */
  get at(): number {
    return this.#at;
  }

  /** Whether one more block, and a marker behind it, fit in any case. */
  hasRoom(): boolean {
    return this.#at <= this.#lastStart;
  }

  /** Append the low `count` bits of `bits`, 1 to 31; its other bits must be zero. */
  put(bits: number, count: number): void {
    const over = this.#pendingBits + count - 32;
    if (over < 0) {
      this.#pending = (this.#pending << count) | bits;
      this.#pendingBits += count;
    } else {
      this.#putWord((this.#pending << (count - over)) | (bits >>> over));
      this.#pending = bits;
      this.#pendingBits = over;
    }
  }

  #putWord(word: number): void {
    if (hasFF(word)) {
      for (let shift = 24; shift >= 0; shift -= 8) this.#putByte((word >>> shift) & 0xff);
    } else {
      this.#view.setInt32(this.#at, word);
      this.#at += 4;
    }
  }

  #putByte(byte: number): void {
    this.#bytes[this.#at++] = byte;
    if (byte === 0xff) this.#bytes[this.#at++] = 0;
  }

  /** A DC difference of at most 11 bits: its size, then its value (T.81 §F.1.2.1). */
  putDcDifference(difference: number, codes: HuffmanCodes): void {
    const size = 32 - Math.clz32(Math.abs(difference));
    const value = difference < 0 ? difference + (1 << size) - 1 : difference;
    this.put((codes.code[size]! << size) | value, codes.length[size]! + size);
  }

  /** Fill the last byte with 1-bits (T.81 §F.1.2.3) and write a marker. */
  putMarker(marker: number): void {
    const padding = -this.#pendingBits & 7;
    if (padding > 0) this.put((1 << padding) - 1, padding);
    for (let left = this.#pendingBits; left > 0; left -= 8) this.#putByte((this.#pending >>> (left - 8)) & 0xff);
    this.#pendingBits = 0;
    this.#bytes[this.#at++] = 0xff;
    this.#bytes[this.#at++] = marker;
  }
}
