import { asCamboxError } from '../../base/errors.ts';
import { countFrames } from '../ffmpeg/count-frames.ts';
import type { StoredClip } from '../media/stored-clip.ts';
import type { ClipEnd } from './clip.ts';
import type { ClipFile } from './clip-file.ts';
import type { ClipOutcomeNote } from './clip-metadata.ts';
import { type ClipOutcome, type ClipVerdict, judgeClip } from './clip-verdict.ts';

/** A clip's file after ffmpeg is gone. */
export interface SettledClip extends ClipVerdict {
  readonly path: string | null;
  readonly frames: number;
  /** From the first to the last frame in the file; undefined where the capture times say it. */
  readonly spanMs: number | undefined;
  readonly bytes: number;
}

/** What a clip's file is to say of its outcome; its size does not matter for that. */
export type DescribeClip = (settled: SettledClip) => ClipOutcomeNote;

/**
 * Bring a clip's file to its end once ffmpeg is gone: count what it holds, cut off a torn tail, have ffprobe confirm
 * what was interrupted, fsync and rename; or remove it when nothing in it plays. Never throws: a disk that fails makes
 * the clip `failed`, and what was written stays under its partial name.
 */
export async function settleClip(
  file: ClipFile,
  outcome: Omit<ClipOutcome, 'stored'>,
  ffprobe: string,
  describe: DescribeClip,
): Promise<SettledClip> {
  try {
    return await settle(file, outcome, ffprobe, describe);
  } catch (failure) {
    const { message } = asCamboxError(failure, 'finish', file.path);
    return failedClip('disk_failed', `${message}; what was written stays in ${file.partial}`);
  }
}

async function settle(
  file: ClipFile,
  outcome: Omit<ClipOutcome, 'stored'>,
  ffprobe: string,
  describe: DescribeClip,
): Promise<SettledClip> {
  const stored = await file.measure();
  const verdict = judgeClip({ ...outcome, stored: stored?.frames ?? 0 });
  if (stored === undefined && outcome.exit.code === 0) return failedClip('disk_failed', `${file.partial} is gone`);
  if (stored === undefined || verdict.state === 'failed') return await fail(file, verdict);
  const wholeAsTaken = stored.frames === outcome.taken && outcome.exit.code === 0;
  if (wholeAsTaken) {
    return await publish(file, { ...verdict, frames: stored.frames, spanMs: undefined }, describe);
  }
  return await rescue(file, verdict, stored, ffprobe, describe);
}

/** ffmpeg did not end as it should: keep what plays. */
async function rescue(
  file: ClipFile,
  verdict: ClipVerdict,
  stored: StoredClip,
  ffprobe: string,
  describe: DescribeClip,
): Promise<SettledClip> {
  await file.trim(stored.wholeBytes);
  const readable = await readableFrames(file, stored, ffprobe);
  const detail = [verdict.detail, readable.problem].filter((text) => text !== undefined).join('; ');
  if (readable.frames === 0) return await fail(file, { ...verdict, detail });
  return await publish(file, { ...verdict, detail, frames: readable.frames, spanMs: stored.spanMs }, describe);
}

async function publish(
  file: ClipFile,
  whole: Omit<SettledClip, 'path' | 'bytes'>,
  describe: DescribeClip,
): Promise<SettledClip> {
  const settled = { ...whole, path: file.path, bytes: 0 };
  return { ...settled, bytes: await file.publish(describe(settled)) };
}

async function readableFrames(
  file: ClipFile,
  stored: StoredClip,
  ffprobe: string,
): Promise<{ frames: number; problem: string | undefined }> {
  try {
    const frames = await countFrames(ffprobe, file.partial);
    return {
      frames,
      problem: frames === stored.frames ? undefined : `ffprobe reads ${frames} of ${stored.frames} frames`,
    };
  } catch (failure) {
    const { message } = asCamboxError(failure, 'check', file.partial);
    return { frames: stored.frames, problem: `not checked: ${message}` };
  }
}

async function fail(file: ClipFile, verdict: ClipVerdict): Promise<SettledClip> {
  await file.discard();
  return failedClip(verdict.end, verdict.detail ?? '');
}

/** A clip without a file. */
export const failedClip = (end: ClipEnd, detail: string): SettledClip => ({
  state: 'failed',
  end,
  detail,
  path: null,
  frames: 0,
  spanMs: 0,
  bytes: 0,
});
