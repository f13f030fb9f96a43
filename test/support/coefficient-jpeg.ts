import { EntropyWriter } from '../../src/jpeg/entropy-writer.ts';
import { huffmanCodes } from '../../src/jpeg/huffman-codes.ts';
import {
  AC_CHROMINANCE,
  AC_LUMINANCE,
  DC_CHROMINANCE,
  DC_LUMINANCE,
  type HuffmanTable,
} from '../../src/jpeg/standard-huffman.ts';
import { walkJpeg } from '../../src/jpeg/walk.ts';

/** 64 quantised coefficients in zig-zag order. */
export type Block = readonly number[];

/** The blocks of one component, in rows; what the last MCUs hold beyond the picture's edge included. */
export interface CoefficientPlane {
  readonly h: number;
  readonly v: number;
  readonly rows: readonly (readonly Block[])[];
}

/** A picture as its coefficients, which is what lossless re-coding must keep. */
export interface CoefficientPicture {
  readonly width: number;
  readonly height: number;
  readonly planes: readonly CoefficientPlane[];
}

/** How to code it. */
export interface Coding {
  /** MCUs; 0 is none. */
  readonly restartInterval: number;
  /** Four at most, by class and id. */
  readonly tables: readonly SourceTable[];
  /** For each component. */
  readonly selectors: readonly { readonly dc: number; readonly ac: number }[];
}

export interface SourceTable {
  readonly tableClass: 0 | 1;
  readonly id: number;
  readonly counts: Uint8Array;
  readonly values: Uint8Array;
}

const STANDARD: readonly HuffmanTable[] = [DC_LUMINANCE, DC_CHROMINANCE, AC_LUMINANCE, AC_CHROMINANCE];
export const STANDARD_SELECTORS = [
  { dc: 0, ac: 0 },
  { dc: 1, ac: 1 },
  { dc: 1, ac: 1 },
];

export const standardCoding = (restartInterval = 0): Coding => ({
  restartInterval,
  tables: STANDARD,
  selectors: STANDARD_SELECTORS,
});

/** MCUs across and down, and the factors that count: a scan of one component has MCUs of one block (T.81 §A.2.2). */
export function mcuGrid(
  width: number,
  height: number,
  samplings: readonly { h: number; v: number }[],
): { columns: number; rows: number; samplings: readonly { h: number; v: number }[] } {
  const counted = samplings.length === 1 ? [{ h: 1, v: 1 }] : samplings;
  const h = Math.max(...counted.map((sampling) => sampling.h));
  const v = Math.max(...counted.map((sampling) => sampling.v));
  return { columns: Math.ceil(width / (8 * h)), rows: Math.ceil(height / (8 * v)), samplings: counted };
}

const segment = (marker: number, body: readonly number[]): number[] => [
  0xff,
  marker,
  (body.length + 2) >> 8,
  (body.length + 2) & 255,
  ...body,
];

/** A whole JPEG of the coefficients, written as simply as can be. Quantisation tables: 2 for Y, 3 for chroma. */
export function encodeCoefficients(picture: CoefficientPicture, coding: Coding): Uint8Array {
  const { width, height, planes } = picture;
  const { restartInterval } = coding;
  const quant = [2, 3].flatMap((value, id) => [id, ...new Array<number>(64).fill(value)]);
  const frame = planes.flatMap(({ h, v }, i) => [i + 1, (h << 4) | v, Math.min(i, 1)]);
  const selectors = planes.flatMap((_, i) => [i + 1, (coding.selectors[i]!.dc << 4) | coding.selectors[i]!.ac]);
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, quant),
    ...(restartInterval > 0 ? segment(0xdd, [restartInterval >> 8, restartInterval & 255]) : []),
    ...segment(0xc1, [8, ...size, planes.length, ...frame]),
    ...coding.tables.flatMap(({ tableClass, id, counts, values }) =>
      segment(0xc4, [(tableClass << 4) | id, ...counts, ...values]),
    ),
    ...segment(0xda, [planes.length, ...selectors, 0, 63, 0]),
    ...encodeScan(picture, coding),
    ...[0xff, 0xd9],
  ]);
}

function encodeScan({ width, height, planes }: CoefficientPicture, coding: Coding): number[] {
  const grid = mcuGrid(width, height, planes);
  const find = (tableClass: 0 | 1, id: number) => {
    const table = coding.tables.find((candidate) => candidate.tableClass === tableClass && candidate.id === id);
    return huffmanCodes(table as HuffmanTable);
  };
  const codes = coding.selectors.map(({ dc, ac }) => ({ dc: find(0, dc), ac: find(1, ac) }));
  const scan: number[] = [];
  let writer = new EntropyWriter();
  let predictions = planes.map(() => 0);
  for (let mcu = 0; mcu < grid.columns * grid.rows; mcu++) {
    if (coding.restartInterval > 0 && mcu > 0 && mcu % coding.restartInterval === 0) {
      scan.push(...writer.finish(), 0xff, 0xd0 + ((mcu / coding.restartInterval - 1) & 7));
      writer = new EntropyWriter();
      predictions = planes.map(() => 0);
    }
    for (const [i, { h, v }] of grid.samplings.entries()) {
      for (let b = 0; b < h * v; b++) {
        const row = Math.floor(mcu / grid.columns) * v + Math.floor(b / h);
        const block = planes[i]!.rows[row]![(mcu % grid.columns) * h + (b % h)]!;
        putSymbol(writer, codes[i]!.dc, 0, block[0]! - predictions[i]!);
        predictions[i] = block[0]!;
        putAc(writer, codes[i]!.ac, block);
      }
    }
  }
  return [...scan, ...writer.finish()];
}

type Codes = ReturnType<typeof huffmanCodes>;

function putAc(writer: EntropyWriter, codes: Codes, block: Block): void {
  let run = 0;
  for (const value of block.slice(1)) {
    if (value === 0) {
      run += 1;
      continue;
    }
    for (; run > 15; run -= 16) putSymbol(writer, codes, 0xf, 0);
    putSymbol(writer, codes, run, value);
    run = 0;
  }
  if (run > 0) putSymbol(writer, codes, 0, 0);
}

function putSymbol(writer: EntropyWriter, codes: Codes, run: number, value: number): void {
  const size = 32 - Math.clz32(Math.abs(value));
  const symbol = (run << 4) | size;
  if (codes.length[symbol] === 0) throw new Error(`no code for symbol ${symbol}`);
  writer.put(codes.code[symbol]!, codes.length[symbol]!);
  if (size > 0) writer.put(value < 0 ? value + (1 << size) - 1 : value, size);
}

/** The coefficients of a JPEG, read bit by bit as T.81 annex F describes it. Throws when that is not possible. */
export function decodeCoefficients(bytes: Uint8Array): CoefficientPicture {
  const layout = walkJpeg(bytes);
  if (typeof layout === 'string') throw new Error(layout);
  const { width, height, components, scan, restartInterval } = layout;
  const grid = mcuGrid(width, height, components);
  const codes = readCodes(bytes, layout.sosStart);
  const planes = components.map(({ h, v }, i) => {
    const { columns, rows, samplings } = grid;
    const row = (): Block[] => new Array<Block>(columns * samplings[i]!.h).fill([]);
    return { h, v, rows: Array.from({ length: rows * samplings[i]!.v }, row) };
  });
  let source = new BitSource(bytes, layout.scanStart);
  let predictions = planes.map(() => 0);
  for (let mcu = 0; mcu < grid.columns * grid.rows; mcu++) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) {
      source = source.afterMarker(0xd0 + ((mcu / restartInterval - 1) & 7));
      predictions = planes.map(() => 0);
    }
    for (const [i, { h, v }] of grid.samplings.entries()) {
      for (let b = 0; b < h * v; b++) {
        const row = Math.floor(mcu / grid.columns) * v + Math.floor(b / h);
        const block = readBlock(source, codes[scan[i]!.dc]!, codes[16 + scan[i]!.ac]!, predictions[i]!);
        predictions[i] = block[0]!;
        planes[i]!.rows[row]![(mcu % grid.columns) * h + (b % h)] = block;
      }
    }
  }
  return { width, height, planes };
}

/** The blocks within the picture: what stands beyond its edge may change. */
export function visibleBlocks({ width, height, planes }: CoefficientPicture): Block[][][] {
  const [hMax, vMax] = [Math.max(...planes.map(({ h }) => h)), Math.max(...planes.map(({ v }) => v))];
  return planes.map(({ h, v, rows }) => {
    const columns = Math.ceil(Math.ceil((width * h) / hMax) / 8);
    return rows.slice(0, Math.ceil(Math.ceil((height * v) / vMax) / 8)).map((row) => row.slice(0, columns));
  });
}

class BitSource {
  readonly #bytes: Uint8Array;
  #at: number;
  #bit = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  bit(): number {
    if (this.#bit === 0) this.#passFilling();
    const byte = this.#bytes[this.#at];
    if (byte === undefined || (byte === 0xff && this.#bytes[this.#at + 1] !== 0))
      throw new Error('a marker or the end');
    const bit = (byte >> (7 - this.#bit)) & 1;
    this.#bit = (this.#bit + 1) & 7;
    if (this.#bit === 0) this.#at += byte === 0xff ? 2 : 1;
    return bit;
  }

  /** Behind the rest of a byte, perhaps a byte of 1-bits that some encoders pad with besides, and the marker. */
  afterMarker(marker: number): BitSource {
    while (this.#bit !== 0) this.bit();
    this.#passFilling();
    if (this.#bytes[this.#at] === 0xff && this.#bytes[this.#at + 1] === 0) this.#at += 2;
    this.#passFilling();
    if (this.#bytes[this.#at] !== 0xff || this.#bytes[this.#at + 1] !== marker) throw new Error('another marker');
    return new BitSource(this.#bytes, this.#at + 2);
  }

  /** Fill bytes before a marker (T.81 §B.1.1.2); libjpeg passes them over before a stuffed byte, too. */
  #passFilling(): void {
    while (this.#bytes[this.#at] === 0xff && this.#bytes[this.#at + 1] === 0xff) this.#at += 1;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }
}

/** Symbols by their code, as a string of 0 and 1. */
type CodeTable = Map<string, number>;

/** The tables by class * 16 + id: the standard ones, and in their place what the DHT segments before the scan define. */
function readCodes(bytes: Uint8Array, sosStart: number): CodeTable[] {
  const tables: CodeTable[] = [];
  for (const { tableClass, id, counts, values } of STANDARD) tables[16 * tableClass + id] = codeTable(counts, values);
  let at = 2;
  while (at < sosStart) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else {
      const end = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
      if (marker === 0xc4) readTables(bytes.subarray(at + 4, end), tables);
      at = end;
    }
  }
  return tables;
}

function readTables(body: Uint8Array, tables: CodeTable[]): void {
  for (let at = 0; at < body.length; ) {
    const counts = body.subarray(at + 1, at + 17);
    const end = counts.reduce((sum, count) => sum + count, at + 17);
    tables[body[at]!] = codeTable(counts, body.subarray(at + 17, end));
    at = end;
  }
}

function codeTable(counts: Uint8Array, values: Uint8Array): CodeTable {
  const codes: CodeTable = new Map();
  let [code, next] = [0, 0];
  for (let length = 1; length <= 16; length++) {
    for (let n = 0; n < counts[length - 1]!; n++)
      codes.set((code++).toString(2).padStart(length, '0'), values[next++]!);
    code *= 2;
  }
  return codes;
}

function readSymbol(source: BitSource, codes: CodeTable): number {
  for (let code = ''; code.length < 16; ) {
    code += source.bit();
    const symbol = codes.get(code);
    if (symbol !== undefined) return symbol;
  }
  throw new Error('no such code');
}

function readValue(source: BitSource, size: number): number {
  const bits = source.bits(size);
  return size > 0 && bits < 2 ** (size - 1) ? bits - 2 ** size + 1 : bits;
}

function readBlock(source: BitSource, dc: CodeTable, ac: CodeTable, prediction: number): Block {
  const block = new Array<number>(64).fill(0);
  block[0] = prediction + readValue(source, readSymbol(source, dc));
  for (let k = 1; k < 64; k++) {
    const symbol = readSymbol(source, ac);
    if (symbol === 0) break;
    k += symbol >> 4;
    if (k > 63) throw new Error('more than 64 coefficients');
    block[k] = readValue(source, symbol & 15);
  }
  return block;
}
