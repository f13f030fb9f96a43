import type { HuffmanCodes } from '../huffman-codes.ts';
import type { HuffmanDefinition } from './huffman-definitions.ts';

/**
 * How far one look into the source reaches: codes up to this length are found at once. 10 bits make 8 KB a table, so that
 * those in use stay in the processor's first cache; longer codes are rare, and found one length after the other.
 */
export const LOOK_BITS = 10;

/**
 * What to do for a symbol, in two words, so that the loop over coefficients has next to nothing to compute:
 *
 *     word 0:  | step (8) | count (5) | size (4) | taken (5) |   0: cannot be said with one look
 *     word 1:  the standard code, shifted left by `size`
 *
 * `taken`: bits of the source's code and of the value behind it; `size`: those of the value alone (SSSS), which are the
 * same in both codings; `count`: bits to write, value included; `step`: coefficients that the symbol stands for.
 */
export type Actions = Int32Array;

export const stepOf = (action: number): number => action >>> 14;
export const countOf = (action: number): number => (action >>> 9) & 31;
export const sizeOf = (action: number): number => (action >>> 5) & 15;
export const takenOf = (action: number): number => action & 31;
export const action = (step: number, count: number, size: number, taken: number): number =>
  (step << 14) | (count << 9) | (size << 5) | taken;

/** The step of the symbol EOB: more than the coefficients of a block, so that it is told from those that run out of it. */
export const END_OF_BLOCK = 128;

/** A source's Huffman table, ready for reading its symbols and writing the standard codes instead. */
export interface SymbolTable {
  /** Actions by the next LOOK_BITS bits. */
  readonly byLook: Actions;
  /** Actions by symbol, for when its code has been read: `taken` is `size`. 0: the standard table has no such symbol. */
  readonly bySymbol: Actions;
  /** By length 1-16: the codes of that length are below this, as 16 bits aligned to the left. */
  readonly limits: Int32Array;
  /** By length 1-16: what to add to a code to have its place in `symbols` (T.81 §F.2.2.3, VALPTR - MINCODE). */
  readonly offsets: Int32Array;
  readonly symbols: Uint8Array;
}

/** Prepare a DC or AC table of the source to be written with the codes of the standard table of the same class. */
export function symbolTable(source: HuffmanDefinition, bySymbol: Actions): SymbolTable {
  const byLook = new Int32Array(2 << LOOK_BITS);
  const limits = new Int32Array(17);
  const offsets = new Int32Array(17);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= 16; length++) {
    offsets[length] = next - code;
    for (let n = source.counts[length - 1]!; n > 0; n--)
      setLooks(byLook, code++, length, bySymbol, source.values[next++]!);
    limits[length] = code << (16 - length);
    code <<= 1;
  }
  return { byLook, bySymbol, limits, offsets, symbols: source.values };
}

/** Every look that begins with the code gets the symbol's action. */
function setLooks(byLook: Actions, code: number, length: number, bySymbol: Actions, symbol: number): void {
  const rest = LOOK_BITS - length;
  const wanted = bySymbol[2 * symbol]!;
  if (rest < 0 || wanted === 0) return;
  for (let look = code << rest; look < (code + 1) << rest; look++) {
    byLook[2 * look] = wanted + length; // `taken` stands lowest
    byLook[2 * look + 1] = bySymbol[2 * symbol + 1]!;
  }
}

/** DC: the symbol is the size of the difference (T.81 §F.1.2.1). One coefficient each. */
export function dcActions({ code, length }: HuffmanCodes): Actions {
  return actions(length, (size) => [1, size, code[size]!]);
}

/** AC: a run of zeroes above the size of the coefficient behind it; 0x00 is EOB, 0xF0 sixteen zeroes (§F.1.2.2). */
export function acActions({ code, length }: HuffmanCodes): Actions {
  return actions(length, (symbol) => [symbol === 0 ? END_OF_BLOCK : (symbol >> 4) + 1, symbol & 15, code[symbol]!]);
}

function actions(
  lengths: Uint8Array,
  meaning: (symbol: number) => [step: number, size: number, code: number],
): Actions {
  const words = new Int32Array(2 * lengths.length);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    const [step, size, code] = meaning(symbol);
    words[2 * symbol] = action(step, length + size, size, size);
    words[2 * symbol + 1] = code << size;
  }
  return words;
}
