import { type MonoUs, monoPlus, msFromUs, usFromMs } from '../../base/units.ts';
import type { ClipRequest, ClipResult } from './clip.ts';
import { type ClipRow, idInRow, nextInRow } from './clip-row.ts';
import type { ClipSpan } from './clip-span.ts';
import type { RecordingParts } from './recording-parts.ts';

/** What is known of a clip that does not go on itself. */
export interface EndedPart {
  readonly parts: Pick<RecordingParts, 'request' | 'row' | 'whole'>;
  readonly span: Pick<ClipSpan, 'wantedUntil' | 'isStopped'>;
}

/** One that broke off. */
export interface BrokenClip extends EndedPart {
  /** Capture time of its first frame; undefined when it had none. */
  readonly firstAt: MonoUs | undefined;
  readonly span: Pick<ClipSpan, 'startsAt' | 'wantedUntil' | 'isStopped'>;
}

/** The rest of a clip, to be recorded as a clip of its own. */
export interface ClipRest extends Pick<RecordingParts, 'request' | 'row' | 'triggeredAt' | 'isStopped' | 'whole'> {
  readonly startsAt: MonoUs;
}

/** Frames are at least so far apart; the times in a file are rounded to ticks. */
const NEXT_FRAME_US = 100;

/**
 * What is left to record when a clip broke off `now`: from behind the last frame in its file on, as far back as the
 * pre-roll ring still reaches. Undefined when nothing is left. Pure.
 */
export function continueClip(clip: BrokenClip, broken: ClipResult, now: MonoUs): ClipRest | undefined {
  const { parts, firstAt, span } = clip;
  const { startsAt, wantedUntil } = span;
  const hasFrames = broken.frames > 0 && firstAt !== undefined;
  const from = hasFrames ? monoPlus(firstAt, usFromMs(broken.duration_ms) + NEXT_FRAME_US) : startsAt;
  if (wantedUntil !== undefined && from >= wantedUntil) return undefined;
  const failed = broken.encoder === 'copy' ? undefined : broken.encoder; // there is nothing else to try
  return restOf(clip, nextInRow(parts.row, broken.clip, failed), from, now);
}

/** The next file of a clip whose file is long enough, from behind its last frame on. Pure. */
export function nextFile(clip: EndedPart, lastFrameAt: MonoUs): ClipRest {
  const from = monoPlus(lastFrameAt, NEXT_FRAME_US);
  return restOf(clip, nextInRow(clip.parts.row, clip.parts.request.id), from, from);
}

/** What is left of it, when frames before this one are gone: `clip` is the file before. Pure. */
export const begunLater = (clip: EndedPart, { row }: ClipRest, firstAt: MonoUs): ClipRest =>
  restOf(clip, row, firstAt, firstAt);

function restOf({ parts, span }: EndedPart, row: ClipRow, from: MonoUs, triggeredAt: MonoUs): ClipRest {
  const { wantedUntil, isStopped } = span;
  const request: ClipRequest = {
    ...parts.request,
    id: idInRow(row),
    preMs: Math.max(0, msFromUs(triggeredAt - from)),
    // 0: what the ring holds is all there is
    durationMs: wantedUntil === undefined ? undefined : Math.max(0, msFromUs(wantedUntil - triggeredAt)),
  };
  return { request, row, triggeredAt, startsAt: from, isStopped, whole: parts.whole };
}
