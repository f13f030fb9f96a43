import type { JpegLayout, OpenLayout } from '../layout.ts';
import { readDc, skipBlock } from './block.ts';
import type { RecodeFault } from './faults.ts';
import { mcuBlocks } from './mcu-blocks.ts';
import { planeCoders } from './plane-coder.ts';
import { Restarts } from './restarts.ts';
import { ScanReader } from './scan-reader.ts';

/** How bright the blocks of a picture are on average. */
export interface ScanFacts {
  /** Luma blocks. */
  readonly blocks: number;
  /** The part of them, 0 to 1, that lies within a few levels of each other: 1 for a picture of one brightness. */
  readonly evenness: number;
  /** The level that these have, 0 (black) to 255. */
  readonly level: number;
  /** The level of the brightest block. */
  readonly brightest: number;
}

/**
 * `not_readable`: no baseline picture of one scan; `scan_too_long`: there is more behind the last block; `dc_range`: blocks
 * that are brighter or darker than a block can be, as after damage that the codes themselves do not show.
 */
export type ScanInspection = ScanFacts | RecodeFault | 'not_readable' | 'scan_too_long' | 'dc_range';

/** SOF0 and SOF1: baseline and extended sequential DCT (T.81 table B.1). */
const SEQUENTIAL = [0xc0, 0xc1];
/** T.81 table B.2. */
const MAX_SAMPLING = 4;
/** Blocks are alike within so many levels. */
const SPREAD = 9;
const LEVELS = 256;
/** Rounding takes a block beyond black and white by less than this. */
const BEYOND = 32;
/** The part of all blocks that may lie further beyond. */
const MOST_BEYOND = 0.01;
/** Cameras leave a few bytes behind the last block. */
const MOST_LEFT_BYTES = 16;

/**
 * Read all entropy-coded data of a picture: whether it can be decoded, and how bright its luma blocks are. No pixel is
 * computed: 2 to 3 ms for a fine 1080p picture. Never throws, whatever the bytes.
 *
 * @param bytes the picture that `layout` describes
 */
export function inspectScan(bytes: Uint8Array, layout: JpegLayout): ScanInspection {
  if (!isReadable(layout)) return 'not_readable';
  const planes = planeCoders(bytes, layout);
  if (typeof planes === 'string') return planes;
  const { restartInterval, scanStart, scanEnd } = layout;
  const { mcus, blocks } = mcuBlocks(layout, planes);
  const luma = planes[0]!;
  const step = lumaDcStep(bytes, layout);
  const levels = new Uint32Array(LEVELS);
  let beyond = 0;
  const reader = new ScanReader(bytes, scanStart, scanEnd);
  const restarts = new Restarts(reader, planes, restartInterval);
  for (let i = 0; i < mcus; i++) {
    restarts.beforeMcu();
    for (const plane of blocks) {
      const dc = readDc(reader, plane);
      if (plane === luma) {
        const level = Math.round(dc * step + LEVELS / 2);
        if (level < -BEYOND || level >= LEVELS + BEYOND) beyond += 1;
        levels[Math.min(LEVELS - 1, Math.max(0, level))]! += 1;
      }
      skipBlock(reader, plane);
    }
    if (!reader.isSound()) return reader.fault ?? 'scan_too_short';
  }
  if (hasMore(bytes, reader, scanEnd)) return 'scan_too_long';
  const facts = evennessOf(levels);
  return beyond > MOST_BEYOND * facts.blocks ? 'dc_range' : facts;
}

/** Whether more than padding, which is all alike, is behind what the reader has read. */
function hasMore(bytes: Uint8Array, reader: ScanReader, end: number): boolean {
  const left = Math.min(end - reader.at, end) + (reader.bits >> 3);
  return left > MOST_LEFT_BYTES && bytes.subarray(end - left, end).some((byte, _, all) => byte !== all.at(-1));
}

/** Whether the picture is sequential, of 8 bits and of one scan: all that this code can read. */
export function isReadable({ sof, precision, components, scan, quantTables }: OpenLayout): boolean {
  const isOneScan = scan.length === components.length && scan.every(({ id }, i) => id === components[i]!.id);
  const isSampled = components.every(({ h, v }) => h >= 1 && h <= MAX_SAMPLING && v >= 1 && v <= MAX_SAMPLING);
  const isUsual = SEQUENTIAL.includes(sof) && precision === 8 && isOneScan && isSampled;
  return isUsual && quantTables[components[0]!.tq] !== undefined;
}

/** Levels that one step of a DC coefficient is: it is eight times the mean of its block (T.81 §A.3.3). */
function lumaDcStep(bytes: Uint8Array, { components, quantTables }: JpegLayout): number {
  const { offset, bits } = quantTables[components[0]!.tq]!;
  return (bits === 8 ? bytes[offset]! : (bytes[offset]! << 8) | bytes[offset + 1]!) / 8;
}

/** The largest part of all that lies within SPREAD levels. */
function evennessOf(levels: Uint32Array): ScanFacts {
  let [within, all, most, level, brightest] = [0, 0, 0, 0, 0];
  for (let i = 0; i < LEVELS; i++) {
    all += levels[i]!;
    if (levels[i]! > 0) brightest = i;
    within += levels[i]! - (levels[i - SPREAD] ?? 0);
    if (within > most) [most, level] = [within, i - (SPREAD >> 1)];
  }
  return { blocks: all, evenness: most / all, level: Math.max(0, level), brightest };
}
