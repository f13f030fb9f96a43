import { AC_CHROMINANCE, AC_LUMINANCE, DC_CHROMINANCE, DC_LUMINANCE } from '../standard-huffman.ts';

const FILL = 0xff;
const TEM = 0x01;
const RST0 = 0xd0;
const RST7 = 0xd7;
const DHT = 0xc4;
const MAX_TABLE_ID = 3;

/** A Huffman table as a DHT segment defines it: codes of each length 1-16 (BITS), symbols in code order (HUFFVAL). */
export interface HuffmanDefinition {
  readonly counts: Uint8Array;
  readonly values: Uint8Array;
}

/** The tables in force for a scan, by class and id. */
export interface HuffmanDefinitions {
  readonly dc: readonly (HuffmanDefinition | undefined)[];
  readonly ac: readonly (HuffmanDefinition | undefined)[];
}

/**
 * The Huffman tables in force at the SOS marker: the last definition of each (T.81 §B.2.4.2). Tables 0 and 1 that no
 * segment defines are the standard ones, as in every decoder of UVC's MJPEG. The tables are views of `bytes`, whose
 * markers up to `sosStart` have been walked. Undefined when a table has more codes than its lengths can tell apart.
 */
export function readHuffmanDefinitions(bytes: Uint8Array, sosStart: number): HuffmanDefinitions | undefined {
  const dc: (HuffmanDefinition | undefined)[] = [DC_LUMINANCE, DC_CHROMINANCE, undefined, undefined];
  const ac: (HuffmanDefinition | undefined)[] = [AC_LUMINANCE, AC_CHROMINANCE, undefined, undefined];
  let at = 2;
  while (at < sosStart) {
    const marker = bytes[at + 1]!;
    if (marker === FILL) {
      at += 1;
    } else if (marker === TEM || (marker >= RST0 && marker <= RST7)) {
      at += 2;
    } else {
      const end = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
      if (marker === DHT && !readSegment(bytes, at + 4, end, dc, ac)) return undefined;
      at = end;
    }
  }
  return { dc, ac };
}

type Slots = (HuffmanDefinition | undefined)[];

function readSegment(bytes: Uint8Array, start: number, end: number, dc: Slots, ac: Slots): boolean {
  let at = start;
  while (at < end) {
    const tableClass = bytes[at]! >> 4;
    const id = bytes[at]! & 15;
    const counts = bytes.subarray(at + 1, at + 17);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    if (tableClass > 1 || id > MAX_TABLE_ID || symbols > 256 || !isPrefixCode(counts)) return false;
    (tableClass === 0 ? dc : ac)[id] = { counts, values: bytes.subarray(at + 17, at + 17 + symbols) };
    at += 17 + symbols;
  }
  return true;
}

/** Whether the codes of each length leave room for the longer ones (T.81 §C.2). */
function isPrefixCode(counts: Uint8Array): boolean {
  let code = 0;
  for (const [i, count] of counts.entries()) {
    code += count;
    if (code > 1 << (i + 1)) return false;
    code <<= 1;
  }
  return true;
}
