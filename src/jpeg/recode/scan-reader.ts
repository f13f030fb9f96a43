import { hasFF } from './byte-stuffing.ts';
import type { RecodeFault } from './faults.ts';
import type { SymbolTable } from './symbol-table.ts';

const RST0 = 0xd0;
const RST7 = 0xd7;
const FILL = 0xff;
/** Instead of a byte, at the end. */
const NOTHING = -1;

/**
 * Reads entropy-coded bits. The next ones stand at the top of `window`, and `bits` of it count. What lies below these is
 * zero, or already what the source has there: filling up writes the same again.
 *
 * In front of a marker and at the end, zeroes are read and counted in `missing`: a block that took one of them is not
 * whole. The first fault stays. `window` and `bits` are open for the loop over coefficients.
 */
export class ScanReader {
  window = 0;
  bits = 0;
  at: number;
  fault: RecodeFault | undefined;
  #missing = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;

  /** Reads [start, end) of `bytes` and never outside. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
    this.#end = Math.min(end, bytes.length);
  }

  /** Have 24 bits or more in the window. */
  fill(): void {
    const next = this.at + 4 <= this.#end ? this.#view.getInt32(this.at) : -1;
    if (hasFF(next)) {
      this.#fillBytewise();
      return;
    }
    this.window |= next >>> this.bits;
    this.at += (31 - this.bits) >> 3;
    this.bits |= 24; // 0-7 bits were there, and three bytes came; or 8-15, and two; or 16-23, and one
  }

  /** The same where 0xFF or the end is near (T.81 §F.2.2.5). */
  #fillBytewise(): void {
    while (this.bits < 24) {
      const byte = this.#byteAt(this.at);
      const after = byte === 0xff ? this.#byteAt(this.at + 1) : 0;
      if (after === FILL || after === NOTHING) {
        this.at += 1; // a fill byte before a marker (T.81 §B.1.1.2), or before the end
        continue;
      }
      if (byte === NOTHING || after !== 0) {
        this.#missing += 8;
      } else {
        this.window |= byte << (24 - this.bits);
        this.at += byte === 0xff ? 2 : 1;
      }
      this.bits += 8;
    }
  }

  #byteAt(at: number): number {
    return at < this.#end ? this.#bytes[at]! : NOTHING;
  }

  /** The next 1 to 32 bits, as far as they are in the window; with 0, the same as with 32. */
  peek(count: number): number {
    return this.window >>> (32 - count);
  }

  /** Leave out 0 to 31 bits that are in the window. */
  drop(count: number): void {
    this.window <<= count;
    this.bits -= count;
  }

  /** Take 0 to 16 bits that are in the window. */
  take(count: number): number {
    const value = count === 0 ? 0 : this.peek(count);
    this.drop(count);
    return value;
  }

  /**
   * Read a code of any length; 16 bits must be in the window. Returns its symbol, or -1 with `fault` set when there is no
   * such code, or none for its symbol in the standard table (T.81 §F.2.2.3).
   */
  symbol(table: SymbolTable): number {
    const next = this.peek(16);
    let length = 1;
    while (length <= 16 && next >= table.limits[length]!) length++;
    if (length > 16) {
      this.fault ??= 'bad_code';
      return -1;
    }
    const symbol = table.symbols[this.take(length) + table.offsets[length]!]!;
    if (table.bySymbol[2 * symbol] === 0) {
      this.fault ??= 'no_standard_code';
      return -1;
    }
    return symbol;
  }

  /** Whether all has gone well and every bit taken was there; else `fault` is set. */
  isSound(): boolean {
    if (this.bits < this.#missing) this.fault ??= this.at < this.#end ? 'misplaced_marker' : 'scan_too_short';
    return this.fault === undefined;
  }

  /** Offset behind the byte that the last bit taken was of. The reader must be sound. */
  behindTaken(): number {
    let at = this.#beforeFill(this.at);
    for (let left = (this.bits - this.#missing) >> 3; left > 0; left--) {
      const isStuffed = this.#byteAt(at - 1) === 0 && this.#byteAt(at - 2) === 0xff;
      at = this.#beforeFill(at - (isStuffed ? 2 : 1));
    }
    return at;
  }

  /** Without the fill bytes that the reader went past: one of data has a zero behind it. */
  #beforeFill(at: number): number {
    while (this.#byteAt(at - 1) === 0xff) at -= 1;
    return at;
  }

  /** Go past the restart marker RSTn, `n` modulo 8 (T.81 §B.2.1), which must stand next but for padding. */
  passRestart(n: number): void {
    const isAtMarker = this.#isAtMarker();
    while (this.#byteAt(this.at) === 0xff && this.#byteAt(this.at + 1) === FILL) this.at += 1;
    const marker = this.#byteAt(this.at) === 0xff ? this.#byteAt(this.at + 1) : NOTHING;
    if (!isAtMarker || marker < RST0 || marker > RST7) this.fault ??= 'restart_missing';
    else if (marker !== RST0 + (n & 7)) this.fault ??= 'restart_out_of_order';
    this.seek(this.at + 2, 0, 0);
    this.#missing = 0;
  }

  /** Whether less than a byte is left (T.81 §F.1.2.3), or a byte of 1-bits more: some encoders pad when they need not. */
  #isAtMarker(): boolean {
    this.fill();
    const left = this.bits - this.#missing;
    return left < 8 || (left < 16 && ~this.window >>> (32 - left) === 0);
  }

  /** Stand where the reader stood when it had these values. */
  seek(at: number, window: number, bits: number): void {
    this.at = at;
    this.window = window;
    this.bits = bits;
  }
}
