import { CamboxError } from '../../base/errors.ts';
import { runProgram } from '../child/run-program.ts';
import { type FfmpegBuild, parseFfmpegVersion } from './ffmpeg-build.ts';

const LIMITS = { timeoutMs: 10_000, maxBytes: 65_536 };

/** Which ffmpeg this is. Throws `missing_program`, `timed_out`, `child_failed`. */
export async function findFfmpeg(program: string): Promise<FfmpegBuild> {
  const text = await runProgram(program, ['-version'], LIMITS);
  const build = parseFfmpegVersion(text);
  if (build !== undefined) return build;
  throw new CamboxError('child_failed', {
    verb: 'use',
    thing: program,
    reason: 'it does not answer -version as ffmpeg does',
    received: text.split('\n')[0],
    remedy: 'Set record.ffmpeg to an ffmpeg',
  });
}

/** That ffprobe runs. Throws as `findFfmpeg` does. */
export async function findFfprobe(program: string): Promise<void> {
  await runProgram(program, ['-version'], LIMITS);
}
