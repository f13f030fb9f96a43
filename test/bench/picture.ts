import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A 1080p camera picture of high quality. */
export const PICTURE = { width: 1920, height: 1080, bytes: 265_000 } as const;
const CLOSE_ENOUGH = 0.03;

/** A file with one such picture, baseline 4:2:0: noise over a test picture, at the quality that comes closest. */
export function makePicture(folder: string): string {
  const path = join(folder, 'picture.mjpeg');
  const scene = `testsrc2=s=${PICTURE.width}x${PICTURE.height},noise=alls=20`;
  const input = ['-v', 'error', '-f', 'lavfi', '-i', scene, '-frames:v', '1', '-pix_fmt', 'yuvj420p'];
  const encode = (quality: number): Buffer =>
    execFileSync('ffmpeg', [...input, '-huffman', 'default', '-q:v', String(quality), '-f', 'mjpeg', '-'], {
      maxBuffer: 1 << 24,
    });
  let [fine, coarse] = [2, 31];
  for (;;) {
    const quality = (fine + coarse) / 2;
    const picture = encode(quality);
    const isClose = Math.abs(picture.length / PICTURE.bytes - 1) < CLOSE_ENOUGH;
    if (isClose || coarse - fine < 0.01) {
      writeFileSync(path, picture);
      return path;
    }
    if (picture.length > PICTURE.bytes) fine = quality;
    else coarse = quality;
  }
}

/** A Matroska file that shows the picture `frames` times, at a camera's pace: what others send in real time. */
export function makeMovie(folder: string, picture: string, frames: number, fps: number): string {
  const path = join(folder, 'movie.mkv');
  const bytes = readFileSync(picture);
  const input = Buffer.concat(Array.from({ length: frames }, () => bytes));
  const from = ['-v', 'error', '-f', 'mjpeg', '-framerate', String(fps), '-i', '-'];
  execFileSync('ffmpeg', [...from, '-c', 'copy', path], { input });
  return path;
}
