import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { type MonoUs, monoPlus } from '../../src/base/units.ts';
import { FrameArena } from '../../src/frame/frame-arena.ts';
import type { ClipRequest, ClipResult } from '../../src/record/clip/clip.ts';
import { DEFAULT_QUALITY } from '../../src/record/encoders/encoder-profile.ts';
import { PolledCaps } from '../../src/record/memory/polled-caps.ts';
import { Recorder } from '../../src/record/recorder.ts';
import type { RecorderDeps, RecorderOptions } from '../../src/record/recorder-options.ts';
import { roomyQueue } from './jobs.ts';
import { frameOf } from './jpegs.ts';
import { LogCollector } from './log-collector.ts';
import { untestedEncoders } from './untested-encoders.ts';
import { until } from './until.ts';

/** Another build than the installed one, to try it: the tests of recording run with it. */
const { CAMBOX_TEST_FFMPEG: FFMPEG = 'ffmpeg', CAMBOX_TEST_FFPROBE: FFPROBE = 'ffprobe' } = process.env;
const ARENA_BYTES = 64 * 1024 * 1024;

/** A recorder with the real ffmpeg, in a directory of its own, fed by hand. */
export class RecorderRig implements AsyncDisposable {
  readonly arena = new FrameArena(ARENA_BYTES);
  readonly logs = new LogCollector();
  /** Of every clip that is over, in their order. */
  readonly results: ClipResult[] = [];
  readonly dir: string;
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** How long ffmpeg may take for a frame; an emulated machine needs more. */
  patienceMs = 15_000;
  readonly #pictures: readonly Uint8Array[];
  readonly #ownsDir: boolean;
  #sequence = 0;

  constructor(
    pictures: readonly Uint8Array[],
    options: Partial<RecorderOptions> = {},
    clock: Clock = SYSTEM_CLOCK,
    deps: Partial<RecorderDeps> = {},
  ) {
    this.#pictures = pictures;
    this.#ownsDir = options.dir === undefined;
    this.dir = options.dir ?? mkdtempSync(join(tmpdir(), 'cambox-record-'));
    this.clock = clock;
    this.recorder = new Recorder(
      'front',
      {
        dir: this.dir,
        ffmpeg: FFMPEG,
        ffprobe: FFPROBE,
        preRollMs: 5000,
        preRollBytes: 16_000_000,
        maxClipMs: 600_000,
        maxClips: 4,
        width: 320,
        height: 240,
        encoding: { encoder: 'copy', fps: 30, quality: DEFAULT_QUALITY },
        ...options,
      },
      {
        ...{ clock, logger: this.logs, live: roomyQueue(clock).live, caps: new PolledCaps(clock) },
        encoders: untestedEncoders(),
        origin: { box: 'box-1', bootId: 'test-boot', clockSynced: () => true },
        onClip: (result) => this.results.push(result),
        ...deps,
      },
    );
  }

  /** One frame captured at `capturedAt`; `skip` pictures are lost before it. */
  push(capturedAt: MonoUs, skip = 0): void {
    this.#sequence += 1 + skip;
    const picture = this.#pictures[this.#sequence % this.#pictures.length]!;
    using frame = frameOf(this.arena, picture, this.#sequence, capturedAt);
    this.recorder.onFrame(frame);
  }

  /** Frames every `stepMs` after `from`; waits for ffmpeg, so that none is dropped. Returns their capture times. */
  async pushMany(from: MonoUs, count: number, stepMs = 33): Promise<MonoUs[]> {
    const times = Array.from({ length: count }, (_, i) => monoPlus(from, Math.round((i + 1) * stepMs * 1000)));
    await this.pushAll(times);
    return times;
  }

  async pushAll(times: readonly MonoUs[]): Promise<void> {
    for (const time of times) {
      await this.queueBelow(10);
      this.push(time);
    }
  }

  /** Waits until every clip under way has fewer than `frames` waiting for its ffmpeg. */
  async queueBelow(frames: number): Promise<void> {
    await until('ffmpeg takes frames', () => this.queuedFrames < frames, this.patienceMs);
  }

  get queuedFrames(): number {
    const { clips } = this.recorder.report() as { clips: { queued_frames: number }[] };
    return Math.max(0, ...clips.map((clip) => clip.queued_frames));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.recorder.close(8000);
    if (this.#ownsDir) rmSync(this.dir, { recursive: true });
  }
}

export const clipRequest = (id: string, parts: Partial<ClipRequest> = {}): ClipRequest => ({
  id,
  label: undefined,
  preMs: 5000,
  durationMs: undefined,
  encoder: 'copy',
  ...parts,
});

/** Presentation times of the frames in a file, in microseconds, by the real ffprobe. */
export function frameTimesUs(path: string): number[] {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path];
  const text = execFileSync('ffprobe', args, { encoding: 'utf8' }).trim();
  return text === '' ? [] : text.split('\n').map((line) => Math.round(Number.parseFloat(line) * 1e6));
}

/** How many frames the real ffmpeg decodes from a file without a complaint; throws when it complains. */
export function decodedFrames(path: string): number {
  const input = ['-v', 'error', '-xerror', '-i', path, '-fps_mode', 'passthrough', '-enc_time_base', '1:90000'];
  const pixels = ['-vf', 'scale=1:1', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
  return execFileSync('ffmpeg', [...input, ...pixels], { maxBuffer: 1 << 24 }).length;
}

/** Of the video stream, by the real ffprobe. */
export function streamFacts(path: string, entries: string): Record<string, string> {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', `stream=${entries}`, '-of', 'json', path];
  return JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' })).streams[0];
}

/** Our direct children that are ffmpeg, zombies included, with their state letter (proc(5)). */
export function ffmpegChildren(): { pid: number; state: string }[] {
  const found: { pid: number; state: string }[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    let stat: string;
    try {
      stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    } catch {
      continue; // it has just ended
    }
    const [, comm, state, ppid] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat) ?? [];
    if (comm?.startsWith('ff') && Number(ppid) === process.pid) found.push({ pid: Number(name), state: state! });
  }
  return found;
}

export const openDescriptors = (): number => readdirSync('/proc/self/fd').length;
