import { STANDARD_TABLES, tableSelector } from './standard-huffman.ts';

const word = (value: number): [number, number] => [value >> 8, value & 0xff];
const segment = (marker: number, body: readonly number[]): number[] => [
  0xff,
  marker,
  ...word(body.length + 2),
  ...body,
];

export interface BaselineHeader {
  readonly width: number;
  readonly height: number;
  /** Sampling of the luma component against both chroma components. */
  readonly sampling: '4:2:0' | '4:2:2';
  /** 64 elements each, zig-zag order. */
  readonly luma: Uint8Array;
  readonly chroma: Uint8Array;
}

/** The standard Huffman tables as one DHT segment, marker included (T.81 §B.2.4.2, §K.3). */
export function standardDhtSegment(): Uint8Array {
  const body = STANDARD_TABLES.flatMap((table) => [tableSelector(table), ...table.counts, ...table.values]);
  return Uint8Array.from(segment(0xc4, body));
}

/** Everything from SOI to the end of the SOS header of a baseline picture with three components and standard tables. */
export function baselineHeaders(header: BaselineHeader): Uint8Array {
  const sampling = header.sampling === '4:2:0' ? 0x22 : 0x21;
  const components = [1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1];
  return Uint8Array.from([
    0xff,
    0xd8,
    ...segment(0xdb, [0, ...header.luma, 1, ...header.chroma]),
    ...segment(0xc0, [8, ...word(header.height), ...word(header.width), 3, ...components]),
    ...standardDhtSegment(),
    ...segment(0xda, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]),
  ]);
}
