import type {
  HuffmanKind,
  JpegComponent,
  JpegFault,
  JpegLayout,
  OpenLayout,
  QuantTable,
  ScanComponent,
} from './layout.ts';
import { STANDARD_TABLES, tableSelector } from './standard-huffman.ts';

const SOI = 0xd8;
const EOI = 0xd9;
export const EOI_BYTES = 2;
export const EOI_MARKER: Uint8Array = Uint8Array.of(0xff, EOI);
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const DHT = 0xc4;
const JPG = 0xc8;
const DAC = 0xcc;
const TEM = 0x01;
const RST0 = 0xd0;

const isStandalone = (marker: number): boolean => marker === TEM || (marker >= RST0 && marker < SOI);
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== JPG && marker !== DAC;

/** What the walk has gathered so far. */
interface Found {
  sof: number;
  precision: number;
  width: number;
  height: number;
  components: JpegComponent[];
  quantTables: (QuantTable | undefined)[];
  huffman: HuffmanKind;
  restartInterval: number;
}

/** Tells where the scan of a picture ends, or -1: it does not. */
export type FindScanEnd = (bytes: Uint8Array, layout: OpenLayout) => number;

/**
 * Follow the markers of a JPEG by their lengths (T.81 §B.1.1) up to the end of its first scan, which is the first EOI
 * behind its start unless `findScanEnd` knows better. Bytes inside segments are never searched, so a thumbnail in APP1
 * is no danger. Returns the layout, or the reason why there is none. Never throws, whatever the bytes.
 */
export function walkJpeg(bytes: Uint8Array, findScanEnd: FindScanEnd = firstEoi): JpegLayout | JpegFault {
  if (bytes.length === 0) return 'empty';
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== SOI) return 'no_soi';
  const found: Found = {
    sof: 0,
    precision: 0,
    width: 0,
    height: 0,
    components: [],
    quantTables: [undefined, undefined, undefined, undefined],
    huffman: 'absent',
    restartInterval: 0,
  };
  let at = 2;
  for (;;) {
    if (at + 2 > bytes.length) return 'no_sos';
    if (bytes[at] !== 0xff) return 'bad_marker';
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1; // a fill byte (T.81 §B.1.1.2)
      continue;
    }
    if (marker === EOI) return 'no_sos';
    if (marker === 0 || marker === SOI) return 'bad_marker';
    if (isStandalone(marker)) {
      at += 2;
      continue;
    }
    if (at + 4 > bytes.length) return 'length_past_end';
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (length < 2) return 'bad_segment';
    const end = at + 2 + length;
    if (end > bytes.length) return 'length_past_end';
    if (marker === SOS) return finish(bytes, found, at, end, findScanEnd);
    if (!readSegment(bytes, found, marker, at + 4, end)) return 'bad_segment';
    at = end;
  }
}

/** Take in one segment's body [at, end). False when it contradicts its own length or the standard. */
function readSegment(bytes: Uint8Array, found: Found, marker: number, at: number, end: number): boolean {
  if (marker === DQT) return readQuantTables(bytes, found, at, end);
  if (marker === DHT) return readHuffmanTables(bytes, found, at, end);
  if (marker === DRI) {
    if (end - at !== 2) return false;
    found.restartInterval = (bytes[at]! << 8) | bytes[at + 1]!;
    return true;
  }
  if (isFrameHeader(marker)) return readFrameHeader(bytes, found, marker, at, end);
  return true; // APPn, COM, DAC and the rest: passed over
}

function readQuantTables(bytes: Uint8Array, found: Found, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const selector = bytes[at]!;
    const id = selector & 15;
    const bits = selector >> 4 === 0 ? 8 : 16;
    const next = at + 1 + 8 * bits;
    if (id > 3 || selector >> 4 > 1 || next > end) return false;
    found.quantTables[id] = { offset: at + 1, bits };
    at = next;
  }
  return true;
}

function readHuffmanTables(bytes: Uint8Array, found: Found, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (at + 17 > end) return false;
    let symbols = 0;
    for (let i = 1; i <= 16; i++) symbols += bytes[at + i]!;
    const next = at + 17 + symbols;
    if (next > end) return false;
    const standard = found.huffman !== 'other' && isStandardTable(bytes, at, symbols);
    found.huffman = standard ? 'standard' : 'other';
    at = next;
  }
  return true;
}

function isStandardTable(bytes: Uint8Array, at: number, symbols: number): boolean {
  const table = STANDARD_TABLES.find((candidate) => tableSelector(candidate) === bytes[at]);
  if (table === undefined || table.values.length !== symbols) return false;
  return equalAt(bytes, at + 1, table.counts) && equalAt(bytes, at + 17, table.values);
}

/** A plain loop: this runs over 420 bytes of every frame that carries its tables. */
function equalAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

function readFrameHeader(bytes: Uint8Array, found: Found, marker: number, at: number, end: number): boolean {
  if (found.sof !== 0 || end - at < 6) return false;
  const count = bytes[at + 5]!;
  if (end - at !== 6 + 3 * count || count === 0) return false;
  found.sof = marker;
  found.precision = bytes[at]!;
  found.height = (bytes[at + 1]! << 8) | bytes[at + 2]!;
  found.width = (bytes[at + 3]! << 8) | bytes[at + 4]!;
  for (let i = 0; i < count; i++) {
    const component = at + 6 + 3 * i;
    const sampling = bytes[component + 1]!;
    found.components.push({ id: bytes[component]!, h: sampling >> 4, v: sampling & 15, tq: bytes[component + 2]! });
  }
  return true;
}

function finish(
  bytes: Uint8Array,
  found: Found,
  sosStart: number,
  scanStart: number,
  findScanEnd: FindScanEnd,
): JpegLayout | JpegFault {
  if (found.sof === 0) return 'no_sof';
  const scan = readScanHeader(bytes, sosStart, scanStart);
  if (scan === undefined) return 'bad_segment';
  const layout = { ...found, scan, sosStart, scanStart };
  const scanEnd = findScanEnd(bytes, layout);
  return scanEnd === -1 ? 'no_eoi' : { ...layout, scanEnd };
}

function readScanHeader(bytes: Uint8Array, sosStart: number, end: number): ScanComponent[] | undefined {
  const at = sosStart + 4;
  const count = at < end ? bytes[at]! : 0;
  if (count === 0 || end - at !== 4 + 2 * count) return undefined;
  const scan: ScanComponent[] = [];
  for (let i = 0; i < count; i++) {
    const tables = bytes[at + 2 + 2 * i]!;
    scan.push({ id: bytes[at + 1 + 2 * i]!, dc: tables >> 4, ac: tables & 15 });
  }
  return scan;
}

/** The first EOI, whatever stands behind it: padding, the rest of an older picture, or another picture. */
export const firstEoi: FindScanEnd = (bytes, { scanStart }) => findEoi(bytes, scanStart);

/** The EOI that the bytes end in, the first of several; what stands before it is not looked at. */
export const eoiAtEnd: FindScanEnd = (bytes, { scanStart }) => {
  const end = withoutEoi(bytes, scanStart, bytes.length);
  return end === bytes.length ? -1 : end;
};

/** Where [start, end) ends without the EOI markers at its end. */
export function withoutEoi(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at - EOI_BYTES >= start && bytes[at - 2] === 0xff && bytes[at - 1] === EOI) at -= EOI_BYTES;
  return at;
}

/**
 * Offset of the first EOI marker at or after `from`, or -1. Safe within a scan, as entropy-coded data never holds FF D9
 * (T.81 §F.1.2.3 byte stuffing). Takes some 40 us for a fine 1080p picture.
 */
export function findEoi(bytes: Uint8Array, from: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(EOI_MARKER, from);
}
