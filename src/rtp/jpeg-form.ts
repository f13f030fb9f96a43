import { chooseQuantTables, type QuantTableRefusal } from '../jpeg/choose-quant-tables.ts';
import type { JpegComponent, JpegLayout } from '../jpeg/layout.ts';
import { MAX_SCAN_BYTES, MAX_SIDE_PIXELS, TYPE_420, TYPE_422, TYPE_RESTART } from './jpeg-main-header.ts';
import type { LargeSize } from './large-picture-extension.ts';

/** How one picture goes over RTP. Offsets count bytes from the start of the picture. */
export interface RtpJpegForm {
  /** RFC 2435 §4.1: 0 or 1, plus 64 with restart markers. */
  readonly type: number;
  /** In blocks of 8 pixels, rounded up; both 0 when one of them would be more than 255. */
  readonly width8: number;
  readonly height8: number;
  /** The size in pixels when `width8` and `height8` cannot say it. */
  readonly largeSize?: LargeSize | undefined;
  /** MCUs; 0 is none. */
  readonly restartInterval: number;
  /** Offsets of the 64 coefficients of each table. */
  readonly lumaTableAt: number;
  readonly chromaTableAt: number;
  /** The entropy-coded bytes, without EOI and what follows it. */
  readonly scanStart: number;
  readonly scanEnd: number;
}

/** Why a picture cannot be expressed in RTP/JPEG as it is. */
export type RtpJpegRefusal =
  // how it is coded (RFC 2435 §3: sequential DCT, Huffman, 8 bits, a single interleaved scan)
  | 'progressive'
  | 'lossless'
  | 'arithmetic'
  | 'hierarchical'
  | 'twelve_bit'
  | 'several_scans'
  // its colours
  | 'grayscale'
  | 'cmyk'
  | 'subsampling'
  // its tables
  | 'huffman'
  | 'huffman_selectors'
  | QuantTableRefusal
  // its size
  | 'no_size'
  | 'scan_empty'
  | 'scan_too_long';

/**
 * Decide how a picture is sent: Q = 255 with both tables in every frame (RFC 2435 §3.1.8), which is what every tested
 * receiver decodes exactly. A picture larger than the header can say is sent with size 0 (ONVIF Streaming Specification,
 * "JPEG over RTP"), which not all receivers understand. `bytes` is the picture that `layout` describes; only tables that might
 * differ are read. What re-coding may mend (colours, Huffman tables) is told last: a reason told is one that stays.
 */
export function rtpJpegForm(layout: JpegLayout, bytes: Uint8Array): RtpJpegForm | RtpJpegRefusal {
  const beyondRepair = refuseCoding(layout) ?? refuseSize(layout);
  if (beyondRepair !== undefined) return beyondRepair;
  const tables = chooseQuantTables(layout, bytes);
  if (typeof tables === 'string') return tables;
  const refusal = refuseColours(layout.components) ?? refuseHuffman(layout);
  if (refusal !== undefined) return refusal;
  const sampling = layout.components[0]!.v === 1 ? TYPE_422 : TYPE_420;
  const { width, height } = layout;
  const isLarge = width > MAX_SIDE_PIXELS || height > MAX_SIDE_PIXELS;
  return {
    type: sampling + (layout.restartInterval > 0 ? TYPE_RESTART : 0),
    width8: isLarge ? 0 : Math.ceil(width / 8),
    height8: isLarge ? 0 : Math.ceil(height / 8),
    largeSize: isLarge ? { width, height } : undefined,
    restartInterval: layout.restartInterval,
    ...tables,
    scanStart: layout.scanStart,
    scanEnd: layout.scanEnd,
  };
}

/** SOFn by ITU-T T.81 table B.1: 0 baseline, 1 extended sequential, 2 progressive, 3 lossless; +4 differential, +8 arithmetic. */
function refuseCoding({ sof, precision, components, scan }: JpegLayout): RtpJpegRefusal | undefined {
  const process = sof & 15;
  if ((process & 8) !== 0) return 'arithmetic';
  if ((process & 3) === 2) return 'progressive';
  if ((process & 3) === 3) return 'lossless';
  if ((process & 4) !== 0) return 'hierarchical';
  if (precision !== 8) return 'twelve_bit';
  if (scan.length !== components.length) return 'several_scans';
  return undefined;
}

/** RFC 2435 §4.1: Y sampled 2x1 or 2x2, Cb and Cr 1x1. */
function refuseColours(components: readonly JpegComponent[]): RtpJpegRefusal | undefined {
  const [y, cb, cr, fourth] = components;
  if (y === undefined || cb === undefined) return 'grayscale';
  if (cr === undefined || fourth !== undefined) return 'cmyk';
  const sampled = (component: JpegComponent, h: number, v: number) => component.h === h && component.v === v;
  const isExpressible = (sampled(y, 2, 1) || sampled(y, 2, 2)) && sampled(cb, 1, 1) && sampled(cr, 1, 1);
  return isExpressible ? undefined : 'subsampling';
}

/** Receivers decode with the standard tables: number 0 for Y, number 1 for Cb and Cr (RFC 2435 §4.1, appendix B). */
function refuseHuffman({ huffman, scan, components }: JpegLayout): RtpJpegRefusal | undefined {
  if (huffman === 'other') return 'huffman';
  const isUsual = scan.every(({ id, dc, ac }, i) => {
    const table = i === 0 ? 0 : 1;
    return id === components[i]!.id && dc === table && ac === table;
  });
  return isUsual ? undefined : 'huffman_selectors';
}

function refuseSize({ width, height, scanStart, scanEnd }: JpegLayout): RtpJpegRefusal | undefined {
  if (width === 0 || height === 0) return 'no_size';
  if (scanEnd <= scanStart) return 'scan_empty';
  if (scanEnd - scanStart >= MAX_SCAN_BYTES) return 'scan_too_long';
  return undefined;
}
