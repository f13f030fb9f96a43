import { CamboxError } from '../../base/errors.ts';
import type { CutSource, WantedRanges } from '../../record/cut/cut-report.ts';
import type { ClipSource, ClipSources } from './clip-sources.ts';

/** What is cut out of one stored clip. */
export interface CutPiece {
  readonly source: ClipSource;
  readonly ranges: WantedRanges;
}

/** More are a mistyped span of time. */
const MOST_PIECES = 64;
/** The longest that a file of a clip can be: `record.max_clip_s` and `pre_s`, at their most. */
const LONGEST_MS = (86_400 + 3600) * 1000;
/** More clips than that do not begin within the longest of one. */
const MOST_LOOKED_AT = 100_000;

/**
 * The clips that are cut, and where: one, also while it is being recorded, or all of a camera that reach into a span, the
 * oldest first. Throws `not_found`, `bad_argument`.
 */
export async function cutPieces(source: CutSource, clips: ClipSources): Promise<CutPiece[]> {
  if ('clip' in source) return [{ source: await clips.one(source.clip), ranges: source.ranges }];
  const { camera, fromMs, untilMs } = source;
  const near = await clips.begunIn(camera, fromMs - LONGEST_MS, untilMs, MOST_LOOKED_AT);
  const pieces = near.flatMap((clip) => pieceOf(clip, fromMs, untilMs));
  const failed = { verb: 'cut', thing: `the span of camera ${camera}` } as const;
  if (pieces.length === 0) {
    const reason = 'no finished clip reaches into it';
    throw new CamboxError('not_found', { ...failed, reason, received: [fromMs, untilMs].map(isoTime) });
  }
  if (pieces.length <= MOST_PIECES) return pieces;
  const reason = `${pieces.length} clips reach into it, ${MOST_PIECES} are the most`;
  throw new CamboxError('bad_argument', { ...failed, reason });
}

/** A clip tells when its first frame was taken and how long it is. */
function pieceOf(source: ClipSource, fromMs: number, untilMs: number): CutPiece[] {
  const { startedMs, durationMs } = source;
  if (startedMs === undefined || durationMs === undefined) return [];
  const [from, until] = [Math.max(0, fromMs - startedMs), Math.min(durationMs, untilMs - startedMs)];
  if (!(from < until)) return [];
  const durationUs = until === durationMs ? undefined : Math.round((until - from) * 1000);
  return [{ source, ranges: [{ startUs: Math.round(from * 1000), durationUs }] }];
}

const isoTime = (ms: number): string => new Date(ms).toISOString();
