import { execFileSync } from 'node:child_process';
import { SILENT } from '../../../src/base/logger.ts';
import { type MonoUs, monoUs } from '../../../src/base/units.ts';
import { newSourceCounts } from '../../../src/capture/frame-source.ts';
import { CaptureTimes } from '../../../src/capture/v4l2/capture-times.ts';
import { Drought } from '../../../src/capture/v4l2/drought.ts';
import type { Frame } from '../../../src/frame/frame.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { PictureWatch } from '../../../src/health/pictures/picture-watch.ts';
import { inspectScan } from '../../../src/jpeg/recode/inspect-scan.ts';
import { SendLatency } from '../../../src/stream/send-latency.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { frameOf } from '../../support/jpegs.ts';
import { type Figure, figure, median } from '../figure.ts';

const ROUNDS = 7;
const FPS = 30;
/** Long enough for every look into a picture that is due at times. */
const SECONDS = 120;
const FRAMES = FPS * SECONDS;
const PICTURES = 8;
const LIMITS = { frozenAfterMs: 10_000, darkAfterMs: 30_000, corruptAfterMs: 3000, isFrozenFault: false };

/**
 * What recognising faults costs for a frame of 1080p, 30 a second: CPU per frame over two minutes, the looks into pictures
 * at times included; without them; and for pictures so dark that these are looked into more often. Medians of rounds.
 */
export async function* measure(): AsyncGenerator<Figure> {
  const usual = jpegs('mandelbrot=s=1920x1080,noise=alls=10:all_seed=1:allf=t');
  const dark = jpegs('color=black:s=1920x1080,noise=alls=3:all_seed=1:allf=t');
  yield figure('faults.picture_kb', usual[0]!.length / 1000, 'KB');
  const rounds = Array.from({ length: ROUNDS }, () => ({
    usual: cpuUsPerFrame(usual, true),
    plain: cpuUsPerFrame(usual, false),
    dark: cpuUsPerFrame(dark, true),
    look: inspectionMs(usual[0]!),
  }));
  yield figure('faults.cpu_us_per_frame', median(rounds.map((round) => round.usual)), 'us');
  yield figure('faults.cpu_us_without_looks', median(rounds.map((round) => round.plain)), 'us');
  yield figure('faults.cpu_us_per_dark_frame', median(rounds.map((round) => round.dark)), 'us');
  yield figure('faults.look_ms', median(rounds.map((round) => round.look)), 'ms');
}

/** Different pictures of one scene, by ffmpeg. */
function jpegs(source: string): Uint8Array[] {
  const input = ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', String(PICTURES), '-pix_fmt', 'yuvj422p'];
  const output = ['-c:v', 'mjpeg', '-q:v', '4', '-huffman', 'default', '-f', 'mjpeg', '-'];
  const all = execFileSync('ffmpeg', [...input, ...output], { maxBuffer: 1 << 28 });
  const starts: number[] = [];
  for (let at = all.indexOf('ffd8ff', 0, 'hex'); at >= 0; at = all.indexOf('ffd8ff', at + 3, 'hex')) starts.push(at);
  return starts.map((start, i) => new Uint8Array(all.subarray(start, starts[i + 1] ?? all.length)));
}

function cpuUsPerFrame(pictures: readonly Uint8Array[], withLooks: boolean): number {
  const arena = new FrameArena(64e6);
  const frames = Array.from({ length: 2 * PICTURES }, (_, i) => frameOf(arena, pictures[i % pictures.length]!, i));
  const counts = newSourceCounts();
  const times = new CaptureTimes(counts, SILENT);
  const drought = new Drought(monoUs(0));
  const watch = new PictureWatch(LIMITS, () => undefined);
  const latency = new SendLatency(new FakeClock());
  const before = process.cpuUsage();
  for (let i = 0; i < FRAMES; i++) {
    const arrivedAt = monoUs(1e9 + i * (1e6 / FPS));
    const capturedAt = times.next(monoUs(arrivedAt - 30_000), arrivedAt);
    drought.end(arrivedAt);
    const frame = at(frames[i % frames.length]!, i, capturedAt, withLooks ? arrivedAt : monoUs(1e9));
    watch.look(frame);
    latency.note(frame);
  }
  const { user, system } = process.cpuUsage(before);
  for (const frame of frames) frame.release();
  return (user + system) / FRAMES;
}

/** The frame as if it were another one. */
const at = (frame: Frame, sequence: number, capturedAt: MonoUs, arrivedAt: MonoUs): Frame =>
  Object.assign(frame, { sequence, capturedAt, arrivedAt });

function inspectionMs(jpeg: Uint8Array): number {
  const arena = new FrameArena(8e6);
  using frame = frameOf(arena, jpeg, 0);
  const before = process.cpuUsage();
  for (let i = 0; i < 10; i++) inspectScan(frame.bytes, frame.jpeg);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 10_000;
}
