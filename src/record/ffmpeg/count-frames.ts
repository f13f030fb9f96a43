import { CamboxError } from '../../base/errors.ts';
import { runProgram } from '../child/run-program.ts';
import { countFramesArguments } from './ffmpeg-arguments.ts';

const LIMITS = { timeoutMs: 60_000, maxBytes: 65_536 };

/** How many frames ffprobe reads from a file: the proof that it plays. Throws `missing_program`, `timed_out`, `child_failed`. */
export async function countFrames(ffprobe: string, path: string): Promise<number> {
  const text = await runProgram(ffprobe, countFramesArguments(path), LIMITS);
  const count = Number.parseInt(text, 10);
  if (Number.isInteger(count)) return count;
  throw new CamboxError('child_failed', {
    verb: 'count the frames of',
    thing: path,
    reason: `${ffprobe} printed no number`,
    received: text.trim(),
  });
}
