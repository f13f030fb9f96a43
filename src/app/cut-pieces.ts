import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { CamboxError } from '../base/errors.ts';
import { type FoundClip, findClips } from '../record/clip/find-clips.ts';
import type { CutSource, WantedRanges } from '../record/cut/cut-report.ts';

/** What is cut out of one stored clip. */
export interface CutPiece {
  readonly clip: string;
  /** Absolute. */
  readonly input: string;
  readonly ranges: WantedRanges;
}

/** More are a mistyped span of time. */
const MOST_PIECES = 64;

/**
 * The clips that are cut, and where: one, also while it is being recorded, or all of a camera that reach into a span, the
 * oldest first. Throws `not_found`, `bad_argument`.
 */
export async function cutPieces(source: CutSource, dir: string): Promise<CutPiece[]> {
  if ('clip' in source) {
    return [{ clip: source.clip, input: await findClip(dir, source.clip), ranges: source.ranges }];
  }
  const { camera, fromMs, untilMs } = source;
  const all = { ids: [], camera, label: undefined, sinceMs: undefined, untilMs };
  const pieces = (await findClips(dir, all)).flatMap((clip) => pieceOf(clip, fromMs, untilMs));
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
function pieceOf({ id, path, metadata }: FoundClip, fromMs: number, untilMs: number): CutPiece[] {
  if (metadata?.outcome === undefined) return [];
  const { started_at, duration_ms } = metadata.outcome;
  const startMs = Date.parse(started_at);
  const [from, until] = [Math.max(0, fromMs - startMs), Math.min(duration_ms, untilMs - startMs)];
  if (!(from < until)) return [];
  const durationUs = until === duration_ms ? undefined : Math.round((until - from) * 1000);
  return [{ clip: id, input: path, ranges: [{ startUs: Math.round(from * 1000), durationUs }] }];
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

async function findClip(dir: string, clip: string): Promise<string> {
  for (const name of [`${clip}.mp4`, `${clip}.mp4.partial`]) {
    const path = join(dir, name);
    const isFile = await access(path).then(
      () => true,
      () => false,
    );
    if (isFile) return path;
  }
  throw new CamboxError(
    'not_found',
    { verb: 'find', thing: `clip ${clip}`, reason: `there is no such file in ${dir}` },
    '/args/clip',
  );
}
