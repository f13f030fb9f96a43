import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { Child, type ChildExit } from '../child/child.ts';
import { DEFAULT_QUALITY } from '../encoders/encoder-profile.ts';
import { clipArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import { findFfmpeg } from '../ffmpeg/find-ffmpeg.ts';

const SIZE = { width: 64, height: 64 };
/** Three small pictures as a camera's: MJPEG in Matroska. */
const PICTURES = [
  ...['-hide_banner', '-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=30', '-frames:v', '3'],
  ...['-c:v', 'mjpeg', '-pix_fmt', 'yuvj422p', '-f', 'matroska', 'pipe:1'],
];
/** 10 KB are expected. */
const MOST_BYTES = 1 << 20;
const LIMIT_MS = 30_000;

/**
 * Record a tiny clip to nowhere, in the daemon's own control group. The kernel charges a page of a file to whoever reads
 * it first; of ffmpeg's libraries that would be the first child under a cap, with tens of megabytes that are not its own,
 * and its group would linger as long as they stay. Never throws: without it the first clip only seems larger.
 */
export async function warmLibraries(ffmpeg: string, clock: Clock, logger: Logger): Promise<void> {
  try {
    const { passthrough } = await findFfmpeg(ffmpeg);
    const pictures: Buffer[] = [];
    let bytes = 0;
    const onOutput = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) pictures.push(chunk);
    };
    await ended(await Child.spawn(ffmpeg, PICTURES, clock, { withoutInput: true, onOutput }), clock);
    const job = { size: SIZE, fps: 30, quality: DEFAULT_QUALITY, device: undefined };
    const args = clipArguments({ encoder: 'libx264', job, passthrough, output: '/dev/null' });
    const encoding = await Child.spawn(ffmpeg, ['-y', ...args], clock);
    encoding.stdin.end(Buffer.concat(pictures));
    const exit = await ended(encoding, clock);
    logger.debug('libraries_warm', { code: exit.code, stderr: exit.stderr });
  } catch (failure) {
    logger.debug('libraries_not_warm', { error: (failure as Error).message }); // the recorders say what is wrong with ffmpeg
  }
}

async function ended(child: Child, clock: Clock): Promise<ChildExit> {
  const cancelLimit = clock.after(LIMIT_MS, () => void child.kill('too slow'));
  const exit = await child.exited;
  cancelLimit();
  return exit;
}
