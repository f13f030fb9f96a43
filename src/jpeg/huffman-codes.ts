import type { HuffmanTable } from './standard-huffman.ts';

/** Codes by symbol, for an encoder (T.81 §C.2, tables EHUFCO and EHUFSI). A length of 0: no code for that symbol. */
export interface HuffmanCodes {
  readonly code: Uint16Array;
  readonly length: Uint8Array;
}

/** Derive the codes of a table: consecutive within a length, shifted left from one length to the next. */
export function huffmanCodes(table: HuffmanTable): HuffmanCodes {
  const codes = { code: new Uint16Array(256), length: new Uint8Array(256) };
  let code = 0;
  let next = 0;
  for (const [i, count] of table.counts.entries()) {
    for (let n = 0; n < count; n++) {
      const symbol = table.values[next++]!;
      codes.code[symbol] = code++;
      codes.length[symbol] = i + 1;
    }
    code <<= 1;
  }
  return codes;
}
