import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import type { EncoderName } from '../../../src/base/encoder-names.ts';
import { Child } from '../../../src/record/child/child.ts';
import { DEFAULT_QUALITY } from '../../../src/record/encoders/encoder-profile.ts';
import { clipArguments } from '../../../src/record/ffmpeg/ffmpeg-arguments.ts';
import { childrenCpuMs } from '../child-cpu.ts';
import { comparedFigure, type Figure, figure } from '../figure.ts';
import { FPS, feed, movingPictures } from '../record-feed.ts';
import { copyBesideStreaming } from '../record-live.ts';
import { encodesInGroups } from '../record-memory.ts';

const SIZES = { '720p': { width: 1280, height: 720 }, '1080p': { width: 1920, height: 1080 } } as const;
const ENCODERS = ['copy', 'libx264', 'mpeg4'] as const satisfies readonly EncoderName[];
const SECONDS = { few: 2, many: 12 };
const LOOK_MS = 20;

interface Cost {
  readonly cpuMs: number;
  /** All that was resident, libraries included. */
  readonly peakRssMb: number;
  readonly bytes: number;
}

/**
 * What it costs to record a camera: CPU time of ffmpeg for a second of video (start-up subtracted), the most memory it
 * had, and bytes on the disk; with our arguments, and for libx264 as peer with ffmpeg's own choice of threads and delay. Then
 * the same in control groups, and what a clip adds to a camera that is streamed.
 */
export async function* measure(): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-record-'));
  try {
    for (const [name, size] of Object.entries(SIZES)) {
      const pictures = movingPictures(`${size.width}x${size.height}`);
      const record = (args: readonly string[], seconds: number) => recordOnce(args, pictures, size, seconds);
      for (const encoder of ENCODERS) {
        const output = join(folder, `${encoder}.mp4`);
        const job = { size, fps: FPS, quality: DEFAULT_QUALITY, device: undefined };
        const args = clipArguments({ encoder, job, passthrough: '-fps_mode', output });
        const ours = await costOfASecond(args, output, record);
        const label = `${encoder}_${name}30`;
        yield figure(`record.mbit_s.${label}`, (ours.bytes * 8) / 1e6, 'Mbit/s');
        if (encoder !== 'libx264') {
          yield figure(`record.cpu_ms_a_second.${label}`, ours.cpuMs, 'ms');
          yield figure(`record.peak_rss.${label}`, ours.peakRssMb, 'MB');
          continue;
        }
        const usual = await costOfASecond(usualArguments(output), output, record);
        yield comparedFigure(`record.cpu_ms_a_second.${label}`, ours.cpuMs, 'ms', 'ffmpeg_defaults', usual.cpuMs);
        yield comparedFigure(`record.peak_rss.${label}`, ours.peakRssMb, 'MB', 'ffmpeg_defaults', usual.peakRssMb);
      }
    }
    yield* encodesInGroups(folder);
    yield* copyBesideStreaming(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same preset and quality; threads, look-ahead and container as ffmpeg chooses them. */
const usualArguments = (output: string): readonly string[] => [
  ...['-v', 'error', '-f', 'matroska', '-i', 'pipe:0', '-y', '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '23'],
  ...['-pix_fmt', 'yuv420p', output],
];

async function costOfASecond(
  args: readonly string[],
  output: string,
  record: (args: readonly string[], seconds: number) => Promise<Omit<Cost, 'bytes'>>,
): Promise<Cost> {
  const few = await record(args, SECONDS.few);
  const fewBytes = statSync(output).size;
  const many = await record(args, SECONDS.many);
  const seconds = SECONDS.many - SECONDS.few;
  return {
    cpuMs: (many.cpuMs - few.cpuMs) / seconds,
    peakRssMb: many.peakRssMb,
    bytes: (statSync(output).size - fewBytes) / seconds,
  };
}

async function recordOnce(
  args: readonly string[],
  pictures: readonly Uint8Array[],
  size: { readonly width: number; readonly height: number },
  seconds: number,
): Promise<Omit<Cost, 'bytes'>> {
  const before = childrenCpuMs();
  const child = await Child.spawn('ffmpeg', args, SYSTEM_CLOCK);
  let [peakRssMb, isOver] = [0, false];
  const look = async (): Promise<void> => {
    while (!isOver) {
      peakRssMb = Math.max(peakRssMb, residentMb(child.pid));
      await SYSTEM_CLOCK.sleep(LOOK_MS);
    }
  };
  const looking = look();
  await feed(child.stdin, pictures, size, seconds * FPS);
  const { code, stderr } = await child.stop('enough');
  isOver = true;
  await looking;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${stderr}`);
  return { cpuMs: childrenCpuMs() - before, peakRssMb };
}

/** VmHWM of proc_pid_status(5): the most that was resident; 0 when it is gone. */
function residentMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
