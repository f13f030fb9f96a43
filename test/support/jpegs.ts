import { execFileSync } from 'node:child_process';
import { type MonoUs, monoUs } from '../../src/base/units.ts';
import { openSynthetic } from '../../src/capture/synthetic/open-synthetic.ts';
import { Frame } from '../../src/frame/frame.ts';
import type { FrameArena } from '../../src/frame/frame-arena.ts';
import { FrameArena as Arena } from '../../src/frame/frame-arena.ts';
import { walkJpeg } from '../../src/jpeg/walk.ts';

/** A synthetic picture (baseline 4:2:0, standard tables) as bytes of its own. */
export function syntheticJpeg(width = 64, height = 48, number = 0): Uint8Array {
  const arena = new Arena(4_000_000);
  const slot = openSynthetic(width, height).copy(number, (length) => arena.take(length));
  if (slot === undefined) throw new Error('the test arena is too small');
  const bytes = slot.bytes.slice(); // a copy: a view would keep the whole arena alive
  slot.free();
  return bytes;
}

/** A frame in the arena, owned by the caller. */
export function frameOf(
  arena: FrameArena,
  jpeg: Uint8Array,
  sequence: number,
  capturedAt: MonoUs = monoUs(sequence * 33_333),
): Frame {
  const layout = walkJpeg(jpeg);
  if (typeof layout === 'string') throw new Error(`not a whole JPEG: ${layout}`);
  const slot = arena.take(jpeg.length);
  if (slot === undefined) throw new Error('the test arena is full');
  slot.bytes.set(jpeg);
  return new Frame(slot, jpeg.length, { capturedAt, sequence, jpeg: layout });
}

/** JPEGs made by the real ffmpeg, concatenated. `args` are output options, e.g. -pix_fmt yuvj422p. */
export function ffmpegJpegs(count: number, size: string, args: readonly string[], source = 'testsrc2'): Uint8Array {
  const [name] = source.split('=', 1);
  const lavfi = `${source}${name === source ? '=' : ':'}s=${size}:r=30`;
  const input = ['-v', 'error', '-f', 'lavfi', '-i', lavfi, '-frames:v', String(count)];
  const output = ['-c:v', 'mjpeg', ...args, '-f', 'mjpeg', '-'];
  // not the Buffer itself, whose slice() is a view and no copy
  return new Uint8Array(execFileSync('ffmpeg', [...input, ...output], { maxBuffer: 1 << 28 }));
}

/** A picture of one colour by the real ffmpeg, 160x120; `number` makes it differ by a dot from others. */
export function ffmpegColor(color: string, number: number): Uint8Array {
  const dot = `drawbox=x=${8 * number}:y=0:w=4:h=4:color=gray:t=fill`;
  const input = ['-v', 'error', '-f', 'lavfi', '-i', `color=${color}:s=160x120,${dot}`, '-frames:v', '1'];
  const output = ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj422p', '-f', 'mjpeg', '-'];
  return new Uint8Array(execFileSync('ffmpeg', [...input, ...output]));
}

/** A luma plane per picture, decoded by the real ffmpeg. */
export function decodeLuma(jpegs: Uint8Array, width: number, height: number): Uint8Array[] {
  const args = ['-v', 'error', '-f', 'mjpeg', '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'];
  const raw = execFileSync('ffmpeg', args, { input: jpegs, maxBuffer: 1 << 29 });
  const size = width * height;
  return Array.from({ length: Math.floor(raw.length / size) }, (_, i) => raw.subarray(i * size, (i + 1) * size));
}
