import { STANDARD_DHT } from '../jpeg/dht-injection.ts';
import type { JpegLayout } from '../jpeg/layout.ts';
import { walkJpeg } from '../jpeg/walk.ts';
import { TYPE_420, TYPE_RESTART } from './jpeg-main-header.ts';
import { QUANT_TABLE_BYTES } from './jpeg-quant-header.ts';
import type { OnvifSegments } from './onvif-jpeg-extension.ts';

/** What a picture's head is made of. */
export interface HeadFacts {
  /** RFC 2435 §4.1: 0 or 1, with or without 64. */
  readonly type: number;
  /** In pixels; 0 where only the extension tells. */
  readonly width: number;
  readonly height: number;
  /** MCUs; 0 is none. */
  readonly restartInterval: number;
  /** Luma, then chroma; undefined where only the extension has them. */
  readonly tables: Uint8Array | undefined;
  readonly extension: OnvifSegments | undefined;
}

/** Everything of a picture before its scan. */
export interface JpegHead {
  /** From SOI to the end of the scan's header. */
  readonly bytes: Uint8Array;
  /** Of the whole picture, but for `scanEnd`. */
  readonly layout: JpegLayout;
}

export type HeadFault =
  /** Neither the packets nor the session description tell the size. */
  | 'no_size'
  /** The marker segments of a header extension make no baseline picture. */
  | 'bad_extension';

const SOI = [0xff, 0xd8];
const EOI = [0xff, 0xd9];
/** Y, Cb and Cr by the names of JFIF, unless an extension has others. */
const COMPONENT_IDS: readonly number[] = [1, 2, 3];
const LAST_BASELINE_SOF = 0xc1;

/**
 * Rebuild what RFC 2435 leaves out of the packets: a head with which every decoder opens the picture, the standard Huffman
 * tables included (RFC 2435 §4.1). Segments of an ONVIF extension come behind ours, where they take precedence, and
 * in place of those that may stand there only once.
 */
export function jpegHead(facts: HeadFacts): JpegHead | HeadFault {
  const { tables, restartInterval, extension } = facts;
  const hasFrameHeader = extension?.hasFrameHeader ?? false;
  if (!hasFrameHeader && (facts.width === 0 || facts.height === 0)) return 'no_size';
  const ids = extension?.componentIds ?? COMPONENT_IDS;
  if (ids.length !== COMPONENT_IDS.length) return 'bad_extension';
  const head = Buffer.concat([
    Uint8Array.from(SOI),
    Uint8Array.from(tables === undefined ? [] : quantSegment(tables)),
    STANDARD_DHT,
    Uint8Array.from([
      ...(restartInterval === 0 || extension?.hasRestartInterval ? [] : restartSegment(restartInterval)),
      ...(hasFrameHeader ? [] : frameSegment(facts, ids)),
    ]),
    extension?.bytes ?? new Uint8Array(0),
    Uint8Array.from(extension?.hasScanHeader ? [] : scanSegment(ids)),
  ]);
  const layout = walkJpeg(Buffer.concat([head, Uint8Array.from(EOI)]));
  if (typeof layout === 'string' || !isBaseline(layout)) return 'bad_extension';
  return { bytes: head, layout };
}

/** Without an extension it always is. */
const isBaseline = ({ sof, precision, width, height, components, scan, quantTables }: JpegLayout): boolean =>
  sof <= LAST_BASELINE_SOF &&
  precision === 8 &&
  width > 0 &&
  height > 0 &&
  scan.length === components.length &&
  components.every(({ id, tq }, i) => id === scan[i]?.id && quantTables[tq]?.bits === 8);

const quantSegment = (tables: Uint8Array): number[] => [
  ...[0xff, 0xdb, ...word(2 + 2 * (1 + QUANT_TABLE_BYTES))],
  ...[0, ...tables.subarray(0, QUANT_TABLE_BYTES)],
  ...[1, ...tables.subarray(QUANT_TABLE_BYTES)],
];

const restartSegment = (interval: number): number[] => [0xff, 0xdd, 0, 4, ...word(interval)];

/** T.81 §B.2.2: baseline, 8 bits, Y sampled 2x1 or 2x2 with table 0, Cb and Cr with table 1 (RFC 2435 §4.1). */
function frameSegment({ type, width, height }: HeadFacts, [y = 0, cb = 0, cr = 0]: readonly number[]): number[] {
  const luma = (type & ~TYPE_RESTART) === TYPE_420 ? 0x22 : 0x21;
  return [0xff, 0xc0, 0, 17, 8, ...word(height), ...word(width), 3, y, luma, 0, cb, 0x11, 1, cr, 0x11, 1];
}

/** T.81 §B.2.3: one scan, Y with the Huffman tables 0, Cb and Cr with the tables 1 (RFC 2435 appendix B). */
const scanSegment = ([y = 0, cb = 0, cr = 0]: readonly number[]): number[] =>
  // the last three: all 64 coefficients at once, with all their bits
  [0xff, 0xda, 0, 12, 3, y, 0x00, cb, 0x11, cr, 0x11, 0, 63, 0];

const word = (value: number): [number, number] => [value >> 8, value & 0xff];
