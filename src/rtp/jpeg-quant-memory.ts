import { standardQuantTable } from '../jpeg/quant-tables.ts';
import type { JpegFragment } from './jpeg-fragment.ts';
import { Q_DYNAMIC } from './jpeg-main-header.ts';
import { QUANT_TABLE_BYTES } from './jpeg-quant-header.ts';

/** Why a frame's quantisation tables are not known. */
export type TablesFault =
  /** Q of 0 or 100 to 127 (RFC 2435 §4.2). */
  | 'reserved_q'
  /** Q of 255 asks for tables in every frame, and there are none (RFC 2435 §4.2). */
  | 'tables_missing'
  /** Tables were sent before, when we did not listen or did not receive them. */
  | 'tables_unknown'
  /** 16-bit coefficients, which no picture with 8-bit samples may have (T.81 §B.2.4.1). */
  | 'table_16_bit'
  /** The tables' length is no multiple of a table. */
  | 'table_length'
  /** A third table, for Cr, that is not the second one: types 0 and 1 have no place for it (RFC 2435 §4.1). */
  | 'chroma_tables_differ';

/** The luma table, then the chroma table. */
const BOTH_BYTES = 2 * QUANT_TABLE_BYTES;
const LAST_STANDARD_Q = 99;
/** Precision bits of the two tables that types 0 and 1 have; the others mean nothing (RFC 2435 §3.1.8). */
const BOTH_16_BIT = 0b11;

/**
 * The quantisation tables of one source by Q (RFC 2435 §4.2): Q 1 to 99 computed, 128 to 254 as sent last for that Q, 255
 * as sent with the frame. Remembers at most one pair of tables for each Q.
 */
export class JpegQuantMemory {
  readonly #byQ = new Map<number, Uint8Array>();

  /**
   * The luma and the chroma table, 64 bytes each in zig-zag order, of the frame that begins with `fragment`. Not to be
   * changed; a view of the fragment where Q is 255.
   */
  tablesOf({ q, tables }: JpegFragment): Uint8Array | TablesFault {
    if (tables === undefined) return this.#standard(q);
    if (tables.bytes.length > 0) return this.#sent(q, tables.precision, tables.bytes);
    if (q === Q_DYNAMIC) return 'tables_missing';
    return this.#byQ.get(q) ?? 'tables_unknown';
  }

  #standard(q: number): Uint8Array | TablesFault {
    if (q < 1 || q > LAST_STANDARD_Q) return 'reserved_q';
    let both = this.#byQ.get(q);
    if (both === undefined) {
      both = Buffer.concat([standardQuantTable('luminance', q), standardQuantTable('chrominance', q)]);
      this.#byQ.set(q, both);
    }
    return both;
  }

  #sent(q: number, precision: number, bytes: Uint8Array): Uint8Array | TablesFault {
    if ((precision & BOTH_16_BIT) !== 0) return 'table_16_bit';
    const both = lumaAndChroma(bytes);
    if (typeof both !== 'string' && q !== Q_DYNAMIC) this.#byQ.set(q, new Uint8Array(both));
    return both;
  }
}

/** RFC 2435 §3.1.8 has two tables for types 0 and 1. Some senders send one for both, others also the one for Cr. */
function lumaAndChroma(bytes: Uint8Array): Uint8Array | TablesFault {
  if (bytes.length % QUANT_TABLE_BYTES !== 0) return 'table_length';
  if (bytes.length === QUANT_TABLE_BYTES) return Buffer.concat([bytes, bytes]);
  const third = bytes.subarray(BOTH_BYTES, BOTH_BYTES + QUANT_TABLE_BYTES);
  const second = bytes.subarray(QUANT_TABLE_BYTES, BOTH_BYTES);
  if (third.length > 0 && Buffer.compare(second, third) !== 0) return 'chroma_tables_differ';
  return bytes.subarray(0, BOTH_BYTES);
}
