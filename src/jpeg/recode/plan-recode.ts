import { chooseQuantTables, type QuantTableRefusal } from '../choose-quant-tables.ts';
import type { JpegComponent, JpegLayout } from '../layout.ts';

const SOF0_BASELINE = 0xc0;
const SOF1_EXTENDED = 0xc1;
/** Blocks in an MCU of an interleaved scan (T.81 §B.2.3). */
const MAX_MCU_BLOCKS = 10;
const MAX_HUFFMAN_ID = 3;

export interface RecodeWish {
  /** `strip`: without restart markers, for receivers that know only the types 0 and 1 of RFC 2435. */
  readonly restartMarkers: 'keep' | 'strip';
}

/** How a picture is to be coded anew. Offsets count bytes from the start of the source picture. */
export interface RecodePlan {
  /** Sampling of the new picture. */
  readonly sampling: '4:2:0' | '4:2:2';
  /**
   * Whether the blocks come in another order: grayscale gets chroma blocks between its own, and 4:2:2 in MCUs of more
   * than 16x8 pixels (as ffmpeg makes it) is cut into those that RFC 2435 §4.1 wants.
   */
  readonly isRegrouped: boolean;
  /** MCUs between restart markers in the new picture; 0 is none. A regrouped picture has none. */
  readonly restartInterval: number;
  /** Offsets of the 64 elements of 8 bits. Grayscale gets its own table again for its empty chroma. */
  readonly lumaTableAt: number;
  readonly chromaTableAt: number;
  /**
   * Bytes to provide for the new picture: twice the scan and a byte a block. Enough for whatever a camera sees; what grows
   * more (fine chequers, 16-bit codes for all that the source has in 1 bit) ends in `output_full`, see recodeRooms.
   */
  readonly capacityBytes: number;
}

/** Why a picture cannot be coded anew without loss, or not into what RFC 2435 can carry. */
export type RecodeRefusal =
  | 'not_sequential'
  | 'twelve_bit'
  | 'several_scans'
  | 'scan_order'
  | 'huffman_selectors'
  | 'cmyk'
  | 'subsampling'
  | QuantTableRefusal
  | 'no_size'
  | 'scan_empty';

/**
 * Decide whether and how a picture is coded anew so that RFC 2435 can carry it: with the standard Huffman tables (Y with
 * number 0, chroma with number 1), with chroma, and on request without restart markers. Looks at the layout, and at the
 * quantisation tables in `bytes` when they might differ; the scan is not read. `not_needed`: the picture is so already.
 */
export function planRecode(
  layout: JpegLayout,
  bytes: Uint8Array,
  wish: RecodeWish,
): RecodePlan | 'not_needed' | RecodeRefusal {
  const refusal = refuseCoding(layout) ?? refuseScan(layout);
  if (refusal !== undefined) return refusal;
  const sampling = targetSampling(layout.components);
  if (sampling === undefined) return layout.components.length === 3 ? 'subsampling' : 'cmyk';
  const tables = chooseQuantTables(layout, bytes);
  if (typeof tables === 'string') return tables;
  const isRegrouped = layout.components.length === 1 || layout.components[1]!.h * layout.components[1]!.v > 1;
  const strip = isRegrouped || wish.restartMarkers === 'strip';
  const restartInterval = strip ? 0 : layout.restartInterval;
  const isStandard = layout.huffman !== 'other' && hasUsualSelectors(layout);
  if (isStandard && !isRegrouped && restartInterval === layout.restartInterval) return 'not_needed';
  return { sampling, isRegrouped, restartInterval, ...tables, capacityBytes: recodeCapacityBytes(layout) };
}

function refuseCoding({ sof, precision, width, height, scanStart, scanEnd }: JpegLayout): RecodeRefusal | undefined {
  if (sof !== SOF0_BASELINE && sof !== SOF1_EXTENDED) return 'not_sequential';
  if (precision !== 8) return 'twelve_bit';
  // A height of 0 would be defined behind the scan, by DNL (T.81 §B.2.5).
  if (width === 0 || height === 0) return 'no_size';
  return scanEnd > scanStart ? undefined : 'scan_empty';
}

function refuseScan({ components, scan }: JpegLayout): RecodeRefusal | undefined {
  if (scan.length !== components.length) return 'several_scans';
  if (scan.some(({ id }, i) => id !== components[i]!.id)) return 'scan_order';
  return scan.some(({ dc, ac }) => dc > MAX_HUFFMAN_ID || ac > MAX_HUFFMAN_ID) ? 'huffman_selectors' : undefined;
}

/** 4:2:0 for one component; for three, what Y has against equally sampled chroma; undefined for all other. */
function targetSampling(components: readonly JpegComponent[]): '4:2:0' | '4:2:2' | undefined {
  const [y, cb, cr, fourth] = components;
  if (y !== undefined && cb === undefined) return '4:2:0';
  if (y === undefined || cb === undefined || cr === undefined || fourth !== undefined) return undefined;
  const blocks = y.h * y.v + 2 * cb.h * cb.v;
  if (cb.h === 0 || cb.v === 0 || cb.h !== cr.h || cb.v !== cr.v || blocks > MAX_MCU_BLOCKS) return undefined;
  if (y.h !== 2 * cb.h) return undefined;
  if (y.v === cb.v) return '4:2:2';
  return y.v === 2 * cb.v ? '4:2:0' : undefined;
}

function hasUsualSelectors({ scan }: JpegLayout): boolean {
  return scan.every(({ dc, ac }, i) => dc === Math.min(i, 1) && ac === Math.min(i, 1));
}

/** Headers with the standard tables take 614 bytes; the rest of these are the writer's room for a longest block. */
const FIXED_BYTES = 2048;

/**
 * Measured: camera pictures grow by 2 to 10 %, white noise by up to 55 %. Nearly empty pictures (a covered lens) grow four
 * times, as an optimised code says "nothing in this block" in 2 bits and the standard luma code in 6: hence a byte a block
 * besides. Chequers at the finest quality grow still more.
 */
export function recodeCapacityBytes({ width, height, scanStart, scanEnd }: JpegLayout): number {
  const scanBytes = scanEnd - scanStart;
  const lumaBlocks = 4 * Math.ceil(width / 16) * Math.ceil(height / 16);
  // However large the picture says it is: a block takes 2 bits at least.
  const blocks = Math.min(2 * lumaBlocks, 4 * scanBytes);
  return 2 * scanBytes + blocks + FIXED_BYTES;
}

/** A second try has so many times the room. */
const MORE_ROOM = 4;
/** RFC 2435 §3.1.2 counts the bytes of a scan with 24 bits: a longer one could not be sent. */
const MOST_BYTES = 2 ** 24 + FIXED_BYTES;

/** The rooms to try one after the other while recodeJpeg says `output_full`, in bytes. */
export function recodeRooms({ capacityBytes }: Pick<RecodePlan, 'capacityBytes'>): readonly number[] {
  const more = Math.min(MORE_ROOM * capacityBytes, MOST_BYTES);
  return more > capacityBytes ? [capacityBytes, more] : [capacityBytes];
}
