import { execFileSync } from 'node:child_process';
import { codeHeight, codePlace, readCode } from '../../src/capture/synthetic/frame-number-code.ts';
import { splitJpegs } from './mjpeg-pictures.ts';
import { frameTimesUs } from './recorder-rig.ts';

/** A peer that hangs fails the test. */
const LIMITS = { timeout: 120_000, killSignal: 'SIGKILL', maxBuffer: 1 << 30 } as const;

/** A video of a synthetic camera, frame by frame, as the real ffmpeg reads it. */
export interface NumberedVideo {
  /** The number in each decoded picture; undefined where it cannot be read. */
  readonly numbers: readonly (number | undefined)[];
  readonly timesUs: readonly number[];
  /** The pictures as they are stored; the video must be MJPEG. */
  readonly jpegs: readonly Uint8Array[];
}

export function readNumberedVideo(path: string, width: number, height: number): NumberedVideo {
  return {
    numbers: numbersIn(path, width, height),
    timesUs: frameTimesUs(path),
    get jpegs() {
      return jpegsIn(path);
    },
  };
}

/** The number in each picture that ffmpeg shows. Whole pictures are decoded, but only the rows with the number leave it. */
export function numbersIn(path: string, width: number, height: number): (number | undefined)[] {
  const place = codePlace(width, height);
  if (place === undefined) throw new Error(`no frame number fits into ${width}x${height}`);
  const rows = codeHeight(place);
  const input = ['-v', 'error', '-xerror', '-i', path, '-fps_mode', 'passthrough', '-enc_time_base', '1:90000'];
  const pixels = ['-vf', `crop=${width}:${rows}:0:${place.top}`, '-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
  const planes = execFileSync('ffmpeg', [...input, ...pixels], LIMITS);
  const bytes = width * rows;
  return Array.from({ length: planes.length / bytes }, (_, i) =>
    readCode(planes.subarray(i * bytes, (i + 1) * bytes), width, place),
  );
}

const jpegsIn = (path: string): Uint8Array[] =>
  splitJpegs(execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-c', 'copy', '-f', 'mjpeg', '-'], LIMITS));
