import type { JpegLayout } from './layout.ts';

const QUANT_TABLE_BYTES = 64;

/** Offsets of the 64 elements of 8 bits of the tables for luma and for both chroma components. */
export interface QuantTableChoice {
  readonly lumaTableAt: number;
  readonly chromaTableAt: number;
}

/** Why a picture's tables are not one for luma and one for chroma, as RTP/JPEG has them (RFC 2435 §4.1). */
export type QuantTableRefusal = 'table_missing' | 'table_16_bit' | 'chroma_tables_differ';

/**
 * The tables that the frame header's Tq name, whatever ids the DQT segments use and however many they define. Grayscale
 * has its own again for chroma. `bytes` is the picture that `layout` describes; only tables that might differ are read.
 */
export function chooseQuantTables(
  { components, quantTables }: JpegLayout,
  bytes: Uint8Array,
): QuantTableChoice | QuantTableRefusal {
  const [y, cb = y, cr = y] = components;
  const [luma, blue, red] = [y, cb, cr].map((component) => component && quantTables[component.tq]);
  if (luma === undefined || blue === undefined || red === undefined) return 'table_missing';
  if (luma.bits === 16 || blue.bits === 16 || red.bits === 16) return 'table_16_bit';
  if (blue.offset !== red.offset && !isSameTable(bytes, blue.offset, red.offset)) return 'chroma_tables_differ';
  return { lumaTableAt: luma.offset, chromaTableAt: blue.offset };
}

function isSameTable(bytes: Uint8Array, one: number, other: number): boolean {
  for (let i = 0; i < QUANT_TABLE_BYTES; i++) if (bytes[one + i] !== bytes[other + i]) return false;
  return true;
}
