import { CamboxError, type ErrorCode } from '../../base/errors.ts';
import type { CutOutcome } from './cut-batch.ts';
import type { Accuracy, ClipOrder, CutClip } from './cut-order.ts';
import { type CutRange, everyRange, fitRange } from './cut-ranges.ts';
import type { VideoFacts } from './input-facts.ts';

/** Which ranges: clips of one length one behind the other, or these. */
export type WantedRanges = { readonly everyUs: number } | readonly CutRange[];

/** Of one stored clip these ranges; or of all clips of a camera what lies in a span of the wall clock. */
export type CutSource =
  | { readonly clip: string; readonly ranges: WantedRanges }
  | { readonly camera: string; readonly fromMs: number; readonly untilMs: number };

/** A cut of stored clips. */
export interface CutRequest {
  readonly source: CutSource;
  readonly accuracy: Accuracy;
}

/** What became of the ranges of a cut; goes over MQTT as it stands here. */
export interface CutReport {
  readonly clips: readonly CutClip[];
  /** The clip has nothing there. */
  readonly past_end: readonly { readonly start_ms: number }[];
  readonly failed: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

/** The clips to make of a video; `nameOf` tells the absolute path of each. Throws as `everyRange`. */
export function orderClips(
  ranges: WantedRanges,
  { durationUs: lengthUs = 0, frameUs }: VideoFacts,
  nameOf: (i: number, of: number, asked: CutRange) => string,
): ClipOrder[] {
  const asked = 'everyUs' in ranges ? everyRange(ranges.everyUs, { lengthUs, frameUs }) : ranges;
  return asked.map((range, i) => ({ path: nameOf(i, asked.length, range), range: fitRange(range, lengthUs) }));
}

/** For people: `1 s to 3.5 s`, `every 60 s`, `12 ranges`. */
export function rangesInWords(ranges: WantedRanges): string {
  const seconds = (us: number): string => `${us / 1e6} s`;
  if ('everyUs' in ranges) return `every ${seconds(ranges.everyUs)}`;
  const [first, ...others] = ranges;
  if (first === undefined || others.length > 0) return `${ranges.length} ranges`;
  const { startUs, durationUs } = first;
  return `${seconds(startUs)} to ${durationUs === undefined ? 'the end' : seconds(startUs + durationUs)}`;
}

export const isThere = ({ range }: ClipOrder): boolean => range.warning !== 'past_end';

export function reportOf(orders: readonly ClipOrder[], outcomes: readonly CutOutcome[]): CutReport {
  return {
    clips: outcomes.flatMap((outcome) => (outcome.ok ? [outcome.clip] : [])),
    past_end: orders.filter((order) => !isThere(order)).map(({ range }) => ({ start_ms: range.startUs / 1000 })),
    failed: outcomes.flatMap((outcome) => {
      if (outcome.ok) return [];
      const { order, error } = outcome;
      return [{ path: order.path, code: error.code, message: error.message }];
    }),
  };
}

/** What a report means for the one who asked; undefined when there are clips, and none failed. */
export function cutFault(thing: string, { clips, failed, past_end }: CutReport): CamboxError | undefined {
  const [first] = failed;
  if (first !== undefined) {
    // a string in the schema, and an error's code before that
    const reason = `${failed.length} of the clips failed: ${first.message}`;
    return new CamboxError(first.code as ErrorCode, { verb: 'cut', thing, reason });
  }
  if (clips.length > 0) return undefined;
  const received = past_end.map(({ start_ms }) => start_ms);
  return new CamboxError('not_found', { verb: 'cut', thing, reason: 'it ends before they begin', received });
}
