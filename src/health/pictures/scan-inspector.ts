import { type MonoUs, usFromSeconds } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';
import type { JpegLayout } from '../../jpeg/layout.ts';
import { inspectScan, type ScanFacts } from '../../jpeg/recode/inspect-scan.ts';
import { CorruptRecord } from './corrupt-record.ts';

/**
 * Reading a scan costs a thousand times what all else costs for a frame (5 to 12 ms at 1080p): as seldom as can be, and
 * more often while something is odd.
 */
const WELL_S = 5;
const DARK_S = 4;
const SUSPECT_S = 1;
/** For a few looks only. */
const OPEN_S = 0.4;
/**
 * Each wait is another one, half as long again or as short at most, by multiples of the golden ratio: looks at even
 * intervals would meet the same one of pictures that are damaged in turn.
 */
const GOLDEN = 0.618034;
/** A picture of one colour needs less than a byte a block, a dim one with noise two and more, a usual one four. */
const DARK_BYTES_PER_BLOCK = 1.5;
/** Some blocks may be of other brightness: the time is shown, or a lamp shines through. */
const DARK_EVENNESS = 0.97;
/** A covered lens with a sensor's noise needs as many bytes as a scene, and is as dark as this. */
const DIM_LEVEL = 40;
/** Where one block is so much brighter than the rest, there is a light in the night: the lens is not covered. */
const LIGHT_LEVELS = 32;

/** Looks into pictures at times: whether they can be decoded, and whether they are dark. */
export class ScanInspector {
  /** Pictures looked into, and those of them that cannot be decoded. */
  readonly counts = { inspected: 0, corrupt: 0 };
  /** Of the pictures since `begin`. */
  readonly record = new CorruptRecord();
  #isDark = false;
  #wasSmall = false;
  #lastAt: MonoUs | undefined;

  /** The picture last looked into is black, or of one colour. */
  get isDark(): boolean {
    return this.#isDark;
  }

  /** The next picture is of another source, or of one that was cured: look at once. */
  begin(): void {
    this.record.clear();
    this.#isDark = false;
    this.#lastAt = undefined;
  }

  /** The next picture. Looks into it if it is time to. */
  look(frame: Frame): void {
    const { arrivedAt } = frame;
    const isSmall = bytesPerBlock(frame.jpeg) < DARK_BYTES_PER_BLOCK;
    if (this.#lastAt !== undefined && arrivedAt - this.#lastAt < usFromSeconds(this.#waitS(isSmall))) return;
    this.#lastAt = arrivedAt;
    this.#wasSmall = isSmall;
    this.#inspect(frame, isSmall);
  }

  #waitS(isSmall: boolean): number {
    if (this.#isDark && isSmall !== this.#wasSmall) return SUSPECT_S;
    return this.#everyS() * (0.75 + 0.5 * ((this.counts.inspected * GOLDEN) % 1));
  }

  #everyS(): number {
    if (this.record.isOpen) return OPEN_S;
    if (this.record.isSuspect) return SUSPECT_S;
    return this.#isDark ? DARK_S : WELL_S;
  }

  #inspect({ bytes, jpeg, arrivedAt }: Frame, isSmall: boolean): void {
    const inspection = inspectScan(bytes, jpeg);
    this.counts.inspected += 1;
    // not baseline, or a rare symbol: others may well decode it
    const isUnknown = inspection === 'not_readable' || inspection === 'no_standard_code';
    const isCorrupt = typeof inspection === 'string' && !isUnknown;
    if (isCorrupt) this.counts.corrupt += 1;
    this.record.note(isCorrupt, arrivedAt);
    this.#isDark = typeof inspection !== 'string' && (isSmall ? isOneColour(inspection) : isCovered(inspection));
  }
}

const isOneColour = ({ evenness }: ScanFacts): boolean => evenness >= DARK_EVENNESS;

const isCovered = (facts: ScanFacts): boolean =>
  isOneColour(facts) && facts.level <= DIM_LEVEL && facts.brightest < facts.level + LIGHT_LEVELS;

function bytesPerBlock({ width, height, components, scanStart, scanEnd }: JpegLayout): number {
  const maxH = Math.max(...components.map(({ h }) => h));
  const maxV = Math.max(...components.map(({ v }) => v));
  const perMcu = components.reduce((sum, { h, v }) => sum + h * v, 0);
  return (scanEnd - scanStart) / (perMcu * Math.ceil(width / (8 * maxH)) * Math.ceil(height / (8 * maxV)));
}
