import { type MonoUs, usFromSeconds } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';
import type { JpegLayout } from '../../jpeg/layout.ts';
import { inspectScan, type ScanInspection } from '../../jpeg/recode/inspect-scan.ts';

/** What one picture looks like, as far as could be seen. */
export interface PictureLook {
  /** Its scan cannot be decoded. */
  readonly isCorrupt: boolean;
  /** It is black, or of one colour. */
  readonly isDark: boolean;
}

/** Reading a scan costs a hundred times what all else costs for a frame: as seldom as can be. */
const WELL_S = 30;
const SMALL_S = 10;
const CORRUPT_S = 1;
/** A picture of one colour needs less than a byte a block, a dim one with noise two and more, a usual one four. */
const DARK_BYTES_PER_BLOCK = 1.5;
/** Some blocks may be of other brightness: the time is shown, or a lamp shines through. */
const DARK_EVENNESS = 0.97;

const WELL: PictureLook = { isCorrupt: false, isDark: false };

/**
 * Looks into pictures at times: once in half a minute whether they can be decoded, more often when they are so small that
 * they may be dark, and every second while they are corrupt.
 */
export class ScanInspector {
  /** Pictures looked into, and those of them that cannot be decoded. */
  readonly counts = { inspected: 0, corrupt: 0 };
  #last: PictureLook = WELL;
  #lastAt: MonoUs | undefined;

  /** The next picture is of another source, or of one that was cured: look at once. */
  begin(): void {
    this.#last = WELL;
    this.#lastAt = undefined;
  }

  /** What the picture looks like, or did when last looked at. */
  look(frame: Frame): PictureLook {
    const isSmall = bytesPerBlock(frame.jpeg) < DARK_BYTES_PER_BLOCK;
    if (!isSmall && this.#last.isDark) this.#last = WELL;
    const everyS = this.#last.isCorrupt ? CORRUPT_S : isSmall ? SMALL_S : WELL_S;
    if (this.#lastAt !== undefined && frame.arrivedAt - this.#lastAt < usFromSeconds(everyS)) return this.#last;
    this.#lastAt = frame.arrivedAt;
    this.#last = this.#judge(inspectScan(frame.bytes, frame.jpeg), isSmall);
    return this.#last;
  }

  #judge(inspection: ScanInspection, isSmall: boolean): PictureLook {
    this.counts.inspected += 1;
    if (typeof inspection !== 'string') return { ...WELL, isDark: isSmall && inspection.evenness >= DARK_EVENNESS };
    // not baseline, or a rare symbol: others may well decode it
    if (inspection === 'not_readable' || inspection === 'no_standard_code') return WELL;
    this.counts.corrupt += 1;
    return { ...WELL, isCorrupt: true };
  }
}

function bytesPerBlock({ width, height, components, scanStart, scanEnd }: JpegLayout): number {
  const maxH = Math.max(...components.map(({ h }) => h));
  const maxV = Math.max(...components.map(({ v }) => v));
  const perMcu = components.reduce((sum, { h, v }) => sum + h * v, 0);
  return (scanEnd - scanStart) / (perMcu * Math.ceil(width / (8 * maxH)) * Math.ceil(height / (8 * maxV)));
}
