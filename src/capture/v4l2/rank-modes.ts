import type { FrameSize } from '../../v4l2/formats.ts';
import type { FrameRate } from '../../v4l2/frame-rate.ts';

/** One size of one pixel format that a camera offers, and the rates that it has at that size. */
export interface OfferedMode {
  readonly fourcc: string;
  /** A JPEG a picture: needs no encoder. */
  readonly isJpeg: boolean;
  readonly width: number;
  readonly height: number;
  /** Empty when the driver does not tell. */
  readonly rates: readonly FrameRate[];
}

export interface WantedMode {
  /** A fourcc, or whatever serves best. */
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** Undefined: any. */
  readonly fps: number | undefined;
}

/** A mode worth trying. */
export interface RankedMode extends OfferedMode {
  /** For the log and for status. */
  readonly why: string;
}

/** 29.97 counts as 30. */
const RATE_TOLERANCE = 0.01;

/** Whether a rate is as good as the wanted one. */
export const isRate = (fps: number, wanted: number): boolean => Math.abs(fps - wanted) <= wanted * RATE_TOLERANCE;

/**
 * What to ask of a size on offer: itself, or of a range the largest in it that is not above what is wanted, else its
 * smallest.
 */
export function nearestSize(
  size: FrameSize,
  wanted: { readonly width: number; readonly height: number },
): { readonly width: number; readonly height: number } {
  if (size.kind === 'discrete') return size;
  const within = (least: number, most: number, step: number, value: number): number => {
    const above = Math.max(0, Math.min(value, most) - least);
    return least + above - (above % Math.max(1, step));
  };
  return {
    width: within(size.minWidth, size.maxWidth, size.stepWidth, wanted.width),
    height: within(size.minHeight, size.maxHeight, size.stepHeight, wanted.height),
  };
}

/**
 * The best mode of each usable pixel format, the best of all first. JPEG comes before raw pictures, unless only raw ones
 * have a size within the wanted one. Of the sizes that fit, the largest is best, where a part of the wanted rate is worth
 * as much as that part of the width and of the height: 1280x720 at 15 of 30 a second is as good as 640x360 at 30. Where
 * none fits, the smallest is best. Formats of equal worth stay in the order given. (A size of more than 2040 pixels, which
 * RFC 2435 has no field for, is thus taken only where it is asked for.)
 */
export function rankModes(offered: readonly OfferedMode[], wanted: WantedMode): RankedMode[] {
  const usable = offered.filter(({ fourcc }) => wanted.format === 'auto' || wanted.format === fourcc);
  const fourccs = [...new Set(usable.map(({ fourcc }) => fourcc))];
  const best = fourccs.map((fourcc) =>
    bestOf(
      usable.filter((mode) => mode.fourcc === fourcc),
      wanted,
    ),
  );
  return best
    .toSorted((a, b) => compareFormats(a, b, wanted))
    .map((mode) => ({ ...mode, why: reasonFor(mode, best, wanted) }));
}

/** Of one pixel format; there is one at least. */
function bestOf(modes: readonly OfferedMode[], wanted: WantedMode): OfferedMode {
  return modes.toSorted((a, b) => compareSizes(a, b, wanted))[0]!;
}

/** Negative when `a` is better, as for sorting. */
function compareSizes(a: OfferedMode, b: OfferedMode, wanted: WantedMode): number {
  const fit = Number(fits(b, wanted)) - Number(fits(a, wanted));
  if (fit !== 0) return fit;
  const size = fits(a, wanted) ? 0 : area(a) - area(b);
  return size === 0 ? worth(b, wanted) - worth(a, wanted) : size;
}

function compareFormats(a: OfferedMode, b: OfferedMode, wanted: WantedMode): number {
  const fit = Number(fits(b, wanted)) - Number(fits(a, wanted));
  if (fit !== 0) return fit;
  if (a.isJpeg !== b.isJpeg) return a.isJpeg ? -1 : 1;
  return compareSizes(a, b, wanted);
}

const area = ({ width, height }: OfferedMode): number => width * height;

const fits = (mode: OfferedMode, wanted: WantedMode): boolean =>
  mode.width <= wanted.width && mode.height <= wanted.height;

/** The highest rate; infinite when the driver does not tell. */
const bestRate = ({ rates }: OfferedMode): number =>
  rates.length === 0
    ? Number.POSITIVE_INFINITY
    : Math.max(...rates.map((rate) => (rate.kind === 'discrete' ? rate.fps : rate.maxFps)));

const reaches = (mode: OfferedMode, { fps }: WantedMode): boolean =>
  fps === undefined || bestRate(mode) >= fps * (1 - RATE_TOLERANCE);

/** Of a mode that fits: its pixels, fewer by the square of what it lacks in rate. */
function worth(mode: OfferedMode, wanted: WantedMode): number {
  const share = wanted.fps === undefined || reaches(mode, wanted) ? 1 : bestRate(mode) / wanted.fps;
  return area(mode) * share ** 2;
}

function reasonFor(mode: OfferedMode, best: readonly OfferedMode[], wanted: WantedMode): string {
  const limit = `${wanted.width}x${wanted.height}`;
  const size = !fits(mode, wanted)
    ? `its smallest size, as none is within ${limit}`
    : reaches(mode, wanted)
      ? `its largest size within ${limit}${wanted.fps === undefined ? '' : ` that reaches ${wanted.fps} fps`}`
      : `the best of size and rate within ${limit}, with ${bestRate(mode)} of ${wanted.fps} fps`;
  return `${reasonForFormat(mode, best, wanted)}; ${size}`;
}

function reasonForFormat(mode: OfferedMode, best: readonly OfferedMode[], wanted: WantedMode): string {
  if (wanted.format !== 'auto') return 'the config names this format';
  if (mode.isJpeg) return 'JPEG needs no encoding';
  const jpegs = best.filter(({ isJpeg }) => isJpeg);
  if (jpegs.length === 0) return 'the camera offers no JPEG';
  return jpegs.some((jpeg) => fits(jpeg, wanted)) ? 'it comes after JPEG' : 'no JPEG size is within what is wanted';
}
