import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Source pictures of the real encoders, one folder of numbered .jpg a case. */

/** A multiple of neither 16 nor 8, so that the picture on the wire is larger than the source. */
export const SIZE = { width: 330, height: 250 };
export const PICTURES = 5;

const run = (program: string, args: readonly string[]): Buffer =>
  execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });

/** A folder that does not exist yet. */
export type Make = (folder: string) => void;

const scene = ({ width, height } = SIZE): string[] => [
  '-v',
  'error',
  '-f',
  'lavfi',
  '-i',
  `testsrc2=s=${width}x${height}:r=5`,
];
const names = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name));

/** ffmpeg's mjpeg encoder; `options` come last. */
export const byFfmpeg =
  (options: readonly string[], size = SIZE): Make =>
  (folder) => {
    mkdirSync(folder);
    const output = ['-frames:v', String(PICTURES), '-c:v', 'mjpeg', '-q:v', '3', ...options, join(folder, '%d.jpg')];
    run('ffmpeg', [...scene(size), '-huffman', 'default', ...output]);
  };

/** cjpeg of libjpeg-turbo. */
export const byLibjpeg =
  (options: readonly string[], size = SIZE): Make =>
  (folder) => {
    mkdirSync(folder);
    for (let i = 0; i < PICTURES; i++) {
      const ppm = run('ffmpeg', [
        ...scene(size),
        '-ss',
        String(i / 5),
        '-frames:v',
        '1',
        '-f',
        'image2pipe',
        '-c:v',
        'ppm',
        '-',
      ]);
      const jpeg = execFileSync('cjpeg', ['-quality', '85', ...options], { input: ppm, maxBuffer: 1 << 28 });
      writeFileSync(join(folder, `${i + 1}.jpg`), jpeg);
    }
  };

/** GStreamer's jpegenc in a raw format (I420 or Y42B). */
export const byGstreamer =
  (format: string): Make =>
  (folder) => {
    mkdirSync(folder);
    const caps = `video/x-raw,format=${format},width=${SIZE.width},height=${SIZE.height},framerate=5/1`;
    const source = ['videotestsrc', `num-buffers=${PICTURES}`, 'pattern=smpte', 'horizontal-speed=9', '!', caps];
    run('gst-launch-1.0', [
      '-q',
      ...source,
      '!',
      'jpegenc',
      '!',
      'multifilesink',
      `location=${join(folder, '%d.jpg')}`,
    ]);
  };

/** Pictures of another maker, each changed. */
export const changed =
  (make: Make, change: (jpeg: Uint8Array) => Uint8Array): Make =>
  (folder) => {
    make(folder);
    for (const path of names(folder)) writeFileSync(path, change(readFileSync(path)));
  };
