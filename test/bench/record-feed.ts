import { execFileSync } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { PictureSize } from '../../src/record/encoders/encoder-profile.ts';
import { matroskaFrameHeader, matroskaHeader } from '../../src/record/media/matroska.ts';
import { splitJpegs } from '../support/mjpeg-pictures.ts';

export const FPS = 30;
/** Different pictures, sent again and again. */
const PICTURES = 30;

/** As fast as ffmpeg takes them: time does not matter, CPU time does. */
export async function feed(
  stdin: Writable,
  pictures: readonly Uint8Array[],
  { width, height }: PictureSize,
  frames: number,
): Promise<void> {
  const periodUs = 1e6 / FPS;
  stdin.write(matroskaHeader({ width, height, frameDurationUs: periodUs }));
  for (let i = 0; i < frames; i++) {
    const picture = pictures[i % pictures.length]!;
    stdin.write(matroskaFrameHeader(Math.round(i * periodUs), picture.length));
    await new Promise((resolve) => stdin.write(picture, resolve));
  }
}

/** A scene that moves, with a sensor's noise, 4:2:2 as USB cameras send it: about 85 KB at 720p, 165 KB at 1080p. */
export function movingPictures(size: string): Uint8Array[] {
  const scene = `mandelbrot=s=${size}:r=${FPS},noise=alls=7:allf=t`;
  const input = ['-v', 'error', '-f', 'lavfi', '-i', scene, '-frames:v', String(PICTURES)];
  const output = ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj422p', '-huffman', 'default', '-q:v', '5', '-f', 'mjpeg', '-'];
  return splitJpegs(new Uint8Array(execFileSync('ffmpeg', [...input, ...output], { maxBuffer: 1 << 28 })));
}
