import { asCamboxError, CamboxError } from '../../base/errors.ts';
import { runProgram } from '../child/run-program.ts';
import { countFrames } from '../ffmpeg/count-frames.ts';
import { decodeArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import type { FoundClip } from './find-clips.ts';

export interface VerifyTools {
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

/** An hour of 1080p is decoded in some minutes on a small box. */
const DECODE = { timeoutMs: 3_600_000, maxBytes: 1 << 16 };

/**
 * Decode every frame of a clip, and count them. Returns what is wrong, or undefined when all is well. Throws
 * `missing_program`.
 */
export async function verifyClip(clip: FoundClip, { ffmpeg, ffprobe }: VerifyTools): Promise<string | undefined> {
  try {
    const frames = await countFrames(ffprobe, clip.path);
    await runProgram(ffmpeg, decodeArguments(clip.path), DECODE);
    const wanted = clip.metadata?.outcome?.frames;
    if (wanted !== undefined && frames !== wanted) return `${frames} frames instead of ${wanted}`;
    return frames === 0 ? 'it holds no frame' : undefined;
  } catch (failure) {
    if (failure instanceof CamboxError && failure.code === 'missing_program') throw failure;
    return asCamboxError(failure, 'verify', clip.path).message;
  }
}
