import { CamboxError } from '../../base/errors.ts';

/** A stretch of a video, in microseconds from its first picture on. */
export interface CutRange {
  readonly startUs: number;
  /** Undefined: to the end. */
  readonly durationUs: number | undefined;
}

/** A range as it can be had of a file. */
export interface FittedRange {
  readonly asked: CutRange;
  readonly startUs: number;
  readonly durationUs: number;
  /** It reaches the end: whatever comes last belongs to it. */
  readonly toEnd: boolean;
  readonly warning?: 'past_end' | 'cut_short';
}

/** More clips than anybody wants are a mistyped --every. */
export const MOST_CLIPS = 10_000;
/** Sound and pictures rarely end at the same time: such a rest is none. */
const NO_REST_US = 100_000;
const LEAST_US = 1000;

/** What the ranges of a video depend on. */
export interface CutLength {
  /** Of all of it. */
  readonly lengthUs: number;
  /** From one picture to the next, usually. */
  readonly frameUs: number;
}

/**
 * Ranges of the same length, one behind the other; the last one is as long as there is something left. Throws `bad_argument` when they
 * would be too many, or more than there are pictures.
 */
export function everyRange(everyUs: number, { lengthUs, frameUs }: CutLength): CutRange[] {
  if (everyUs < Math.floor(frameUs)) {
    throw new CamboxError('bad_argument', {
      verb: 'cut',
      thing: 'the file',
      reason: `a picture is shown for ${Math.round(frameUs) / 1e6} s, and clips cannot be shorter`,
      received: everyUs / 1e6,
    });
  }
  const count = Math.max(1, Math.ceil((lengthUs - NO_REST_US) / everyUs));
  if (count > MOST_CLIPS) {
    throw new CamboxError('bad_argument', {
      verb: 'cut',
      thing: 'the file',
      reason: `that would be ${count} clips, ${MOST_CLIPS} are the most`,
      received: everyUs / 1e6,
    });
  }
  return Array.from({ length: count }, (_, i) => ({
    startUs: i * everyUs,
    durationUs: i === count - 1 ? undefined : everyUs,
  }));
}

/** Fit a range to what there is; with `past_end` there is nothing of it (`durationUs` 0). Ranges may overlap. */
export function fitRange(asked: CutRange, lengthUs: number): FittedRange {
  const { startUs } = asked;
  const leftUs = lengthUs - startUs;
  if (leftUs < LEAST_US) return { asked, startUs, durationUs: 0, toEnd: true, warning: 'past_end' };
  const wantedUs = asked.durationUs ?? leftUs;
  const toEnd = wantedUs >= leftUs;
  const isShort = wantedUs > leftUs + NO_REST_US;
  return { asked, startUs, durationUs: Math.min(wantedUs, leftUs), toEnd, ...(isShort && { warning: 'cut_short' }) };
}
