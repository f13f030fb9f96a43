import { execFileSync } from 'node:child_process';
import { openSynthetic } from '../../src/capture/synthetic/open-synthetic.ts';
import { profileOf } from '../../src/record/encoders/encoder-order.ts';
import { fragments } from '../../src/record/ffmpeg/ffmpeg-arguments.ts';

export const SIZE = { width: 320, height: 240 } as const;
const LIMITS = { timeout: 120_000, killSignal: 'SIGKILL', maxBuffer: 1 << 28 } as const;
/** A tone of 20 ms at each whole second, from the first on. */
export const BEEPS = "aevalsrc='if(lt(mod(t,1),0.02),0.8*sin(2*PI*1000*t),0)':s=48000";

export interface NumberedFile {
  readonly frames: number;
  readonly fps: number;
  /** Behind the inputs: encoders, container. */
  readonly args: readonly string[];
  /** With beeps (see `beepsIn`). */
  readonly audio?: boolean;
}

/** x264 as its users have it: pictures that refer to later ones, and key frames three seconds apart. */
export const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-pix_fmt', 'yuv420p'] as const;
export const KEYS_3S = ['-g', '90', '-keyint_min', '90', '-sc_threshold', '0'] as const;
export const AAC = ['-c:a', 'aac'] as const;
/** The MP4 of the recorder. */
export const AS_RECORDED = fragments(profileOf('libx264'));
export const AS_COPIED = fragments(profileOf('copy'));

/** A video whose pictures carry their numbers from 0 on, made by the real ffmpeg. */
export function makeNumberedFile(path: string, { frames, fps, args, audio = false }: NumberedFile): void {
  const sound = audio ? ['-f', 'lavfi', '-i', `${BEEPS}:d=${frames / fps}`, '-map', '0:v', '-map', '1:a'] : [];
  const input = ['-v', 'error', '-y', '-f', 'mjpeg', '-framerate', String(fps), '-i', 'pipe:0', ...sound];
  execFileSync('ffmpeg', [...input, ...args, path], { ...LIMITS, input: numberedJpegs(frames) });
}

export function numberedJpegs(frames: number): Buffer {
  const pictures = openSynthetic(SIZE.width, SIZE.height);
  const all: Uint8Array[] = [];
  for (let i = 0; i < frames; i++) {
    pictures.copy(i, (length) => {
      const bytes = new Uint8Array(length);
      all.push(bytes);
      return { bytes, [Symbol.dispose]: () => undefined } as unknown as ReturnType<typeof pictures.copy>;
    });
  }
  return Buffer.concat(all);
}

const RATE = 8000;

/** When the beeps of a file begin, in seconds from the first instant that players show. */
export function beepsIn(path: string): number[] {
  const input = ['-v', 'error', '-i', path, '-map', '0:a:0', '-af', 'aresample=async=1:first_pts=0'];
  const bytes = execFileSync('ffmpeg', [...input, '-ac', '1', '-ar', String(RATE), '-f', 's16le', '-'], LIMITS);
  const beeps: number[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const at = i / 2 / RATE;
    const isLoud = Math.abs(bytes.readInt16LE(i)) > 6000;
    if (isLoud && at - (beeps.at(-1) ?? -1) > 0.5) beeps.push(at);
  }
  return beeps;
}

/** The numbers from `from` to before `until`. */
export const numbersFrom = (from: number, until: number): number[] =>
  Array.from({ length: until - from }, (_, i) => from + i);
