import type { EntropyWriter } from '../../jpeg/entropy-writer.ts';
import { type HuffmanCodes, huffmanCodes } from '../../jpeg/huffman-codes.ts';
import { AC_CHROMINANCE, AC_LUMINANCE, DC_CHROMINANCE, DC_LUMINANCE } from '../../jpeg/standard-huffman.ts';

/** One quantised AC coefficient after `run` zeroes in zig-zag order. */
export interface AcTerm {
  readonly run: number;
  readonly value: number;
}

/** The AC part of a block, already coded: pairs of bits and their count, end of block included. */
export type CodedAc = readonly (readonly [bits: number, count: number])[];

export interface PlaneCodes {
  readonly dc: HuffmanCodes;
  readonly ac: HuffmanCodes;
}

export const LUMA_CODES: PlaneCodes = { dc: huffmanCodes(DC_LUMINANCE), ac: huffmanCodes(AC_LUMINANCE) };
export const CHROMA_CODES: PlaneCodes = { dc: huffmanCodes(DC_CHROMINANCE), ac: huffmanCodes(AC_CHROMINANCE) };

const END_OF_BLOCK = 0x00;

/** SSSS: how many bits a value takes (T.81 table F.1). */
const category = (value: number): number => 32 - Math.clz32(Math.abs(value));

/** The additional bits of a value of that category: negative ones as their one's complement (T.81 §F.1.2.1.1). */
const extraBits = (value: number, size: number): number => (value < 0 ? value + (1 << size) - 1 : value);

/** Code the AC terms of a block once, to be written many times. Runs are below 16, values within 10 bits. */
export function codeAc(codes: PlaneCodes, terms: readonly AcTerm[]): CodedAc {
  const coded = terms.map(({ run, value }): [number, number] => {
    const size = category(value);
    const symbol = (run << 4) | size;
    const bits = (codes.ac.code[symbol]! << size) | extraBits(value, size);
    return [bits, codes.ac.length[symbol]! + size];
  });
  return [...coded, [codes.ac.code[END_OF_BLOCK]!, codes.ac.length[END_OF_BLOCK]!]];
}

/** Write one block: its DC as the difference to the plane's previous block, then the coded AC part. */
export function putBlock(out: EntropyWriter, codes: PlaneCodes, dcDifference: number, ac: CodedAc): void {
  const size = category(dcDifference);
  out.put(codes.dc.code[size]!, codes.dc.length[size]!);
  if (size > 0) out.put(extraBits(dcDifference, size), size);
  for (const [bits, count] of ac) out.put(bits, count);
}
