import { stat } from 'node:fs/promises';
import { runProgram } from '../child/run-program.ts';
import { readClipMetadata } from '../clip/clip-metadata-file.ts';
import { findInput } from '../cut/find-input.ts';
import { keyFrameArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import type { TimelapseVideo } from './timelapse-order.ts';

const LIMITS = { timeoutMs: 30_000, maxBytes: 4 << 20 };

/**
 * What a timelapse needs to know of a video. A clip of ours says when it begins; of others it is the time at which the file
 * was written less its length. Throws as `findInput` does.
 */
export async function lookAtVideo(ffprobe: string, path: string): Promise<TimelapseVideo> {
  const facts = await findInput(ffprobe, path, 'read');
  const packets = await runProgram(ffprobe, keyFrameArguments(path), LIMITS);
  const metadata = await readClipMetadata(path);
  const saidMs = typeof metadata === 'string' ? Number.NaN : Date.parse(metadata.beginning.started_at);
  const writtenMs = (await stat(path)).mtimeMs - (facts.video.durationUs ?? 0) / 1000;
  return {
    path,
    facts,
    startMs: Number.isNaN(saidMs) ? writtenMs : saidMs,
    keyFramesMs: longestGapMs(packets),
  };
}

/** Of what `keyFrameArguments` prints; Infinity with fewer than two key frames. */
export function longestGapMs(packets: string): number {
  const times = packets
    .split('\n')
    .filter((line) => /,K/.test(line))
    .map((line) => Number.parseFloat(line) * 1000);
  if (times.length < 2) return Number.POSITIVE_INFINITY;
  return Math.max(...times.slice(1).map((time, i) => time - times[i]!));
}
