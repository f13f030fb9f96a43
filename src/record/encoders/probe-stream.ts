import { matroskaFrameHeader, matroskaHeader } from '../media/matroska.ts';
import type { PictureSize } from './encoder-profile.ts';

/** Enough that an encoder's delay, its second group of buffers and a late failure show. */
export const PROBE_PICTURES = 16;

/** Pictures of one camera, to probe encoders with: complete JPEGs of one size. */
export interface ProbePictures {
  readonly size: PictureSize;
  readonly jpegs: readonly Uint8Array[];
}

/** Intervals, in parts of the usual one, as a camera that adapts its exposure has them. */
const RHYTHM = [1, 0.6, 1.4, 1, 1.7, 0.3];

/** Irregular capture times of `count` pictures from 0 on, in whole microseconds. */
export function probeTimesUs(count: number, fps: number): readonly number[] {
  let at = 0;
  return Array.from({ length: count }, (_, i) => {
    const time = Math.round(at);
    at += (1e6 / fps) * RHYTHM[i % RHYTHM.length]!;
    return time;
  });
}

/** The pictures as a Matroska stream, one chunk each (the first with the stream's header). */
export function probeStream({ size, jpegs }: ProbePictures, timesUs: readonly number[]): readonly Uint8Array[] {
  const frameDurationUs = (timesUs.at(-1) ?? 0) / Math.max(1, timesUs.length - 1);
  return jpegs.map((jpeg, i) => {
    const head = matroskaFrameHeader(timesUs[i]!, jpeg.length);
    return i === 0
      ? Buffer.concat([matroskaHeader({ ...size, frameDurationUs }), head, jpeg])
      : Buffer.concat([head, jpeg]);
  });
}
