import { CamboxError } from '../../base/errors.ts';
import type { CutInput } from '../ffmpeg/cut-arguments.ts';
import type { Accuracy } from './cut-order.ts';
import type { InputFacts } from './input-facts.ts';

/** What an MP4 can hold, by ffmpeg's names (ISO/IEC 14496-12 and its registry, as ffmpeg's muxer knows it). */
const VIDEO = new Set(['h264', 'hevc', 'av1', 'vp9', 'mpeg4', 'mjpeg', 'mpeg1video', 'mpeg2video']);
const AUDIO = new Set(['aac', 'mp3', 'mp2', 'ac3', 'eac3', 'opus', 'flac', 'alac']);

/**
 * Sample entries where there are two (ISO/IEC 14496-15 §8.4.1): `hvc1` keeps parameter sets in the header alone. Apple's players take no other,
 * and ffmpeg writes `hev1`.
 */
const TAGS: Readonly<Record<string, string>> = { hevc: 'hvc1' };

/** Throws `unsupported` when the pictures have to be encoded to get into an MP4. */
export function assertCopies({ video }: InputFacts, accuracy: Accuracy, path: string): void {
  if (accuracy === 'exact' || VIDEO.has(video.codec)) return;
  throw new CamboxError('unsupported', {
    verb: 'copy from',
    thing: path,
    reason: 'an MP4 cannot hold its video format',
    received: video.codec,
    remedy: 'Take accuracy exact, which encodes it',
  });
}

/** The streams of a file that go into a clip: the video, and all sound. */
export const cutInput = (path: string, { video, audio }: InputFacts): CutInput => ({
  path,
  video: video.index,
  ...(TAGS[video.codec] !== undefined && { tag: TAGS[video.codec] }),
  audio: audio.map(({ index, codec }) => ({ index, treatment: AUDIO.has(codec) ? 'copy' : 'aac' })),
});

/** What becomes of the sound. */
export function audioOf({ audio }: InputFacts): 'copied' | 'encoded' | 'none' {
  if (audio.length === 0) return 'none';
  return audio.every(({ codec }) => AUDIO.has(codec)) ? 'copied' : 'encoded';
}
