import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { EncoderName } from '../../base/encoder-names.ts';
import { msFromUs } from '../../base/units.ts';
import { within } from '../../base/within.ts';
import type { Child } from '../child.ts';
import { clipArguments, frameTimesArguments, smallPicturesArguments } from '../ffmpeg-arguments.ts';
import type { FfmpegBuild } from '../ffmpeg-build.ts';
import { runProgram } from '../run-program.ts';
import type { EncodeJob, PictureSize } from './encoder-profile.ts';
import type { EncoderVerdict } from './encoder-verdict.ts';
import { judgeOutput, judgeRun, type ProbeRun } from './judge-probe.ts';
import { SMALL } from './likeness.ts';
import { type ProbePictures, probeStream, probeTimesUs } from './probe-stream.ts';

export interface ProbeTools {
  readonly build: FfmpegBuild;
  readonly ffprobe: string;
  /** Start ffmpeg under a memory cap, with less weight than clips have. */
  spawn(args: readonly string[], memoryBytes: number): Promise<Child>;
  readonly clock: Clock;
  /** Where the short files go. */
  readonly folder: string;
  /** What each ffmpeg may take. */
  readonly limitMs: number;
}

const FFPROBE_LIMITS = { maxBytes: 65_536 };

/**
 * Finds out which encoders really work, for the pictures of one camera: encodes them with the arguments of a clip,
 * decodes what came out and compares. That ffmpeg lists an encoder proves nothing. Open with `EncoderProbe.open`;
 * disposing removes its files.
 */
export class EncoderProbe implements AsyncDisposable {
  readonly #tools: ProbeTools;
  readonly #folder: string;
  readonly #pictures: ProbePictures;
  #small: Promise<Uint8Array> | undefined;
  #count = 0;
  #capBytes = 0;

  /** Throws when the folder cannot be written to. */
  static async open(pictures: ProbePictures, tools: ProbeTools): Promise<EncoderProbe> {
    return new EncoderProbe(pictures, tools, await mkdtemp(join(tools.folder, 'encoder-probe-')));
  }

  private constructor(pictures: ProbePictures, tools: ProbeTools, folder: string) {
    this.#pictures = pictures;
    this.#tools = tools;
    this.#folder = folder;
  }

  get size(): PictureSize {
    return this.#pictures.size;
  }

  /** Throws what has nothing to do with the encoder: no ffmpeg, no ffprobe, a full disk. */
  async try(encoder: EncoderName, job: EncodeJob, capBytes: number): Promise<EncoderVerdict> {
    this.#capBytes = capBytes;
    const { build, ffprobe, limitMs } = this.#tools;
    const timesUs = probeTimesUs(this.#pictures.jpegs.length, job.fps);
    const output = this.#file('mp4');
    const args = clipArguments({ encoder, job, passthrough: build.passthrough, output });
    const run = await this.#run(args, probeStream(this.#pictures, timesUs));
    const verdict = judgeRun(run);
    if (verdict !== undefined) return verdict;
    const printed = await runProgram(ffprobe, frameTimesArguments(output), { ...FFPROBE_LIMITS, timeoutMs: limitMs });
    const times = printed.split('\n').filter((line) => line !== '');
    const result = { timesUs: times.map((line) => Math.round(Number.parseFloat(line) * 1e6)) };
    this.#small ??= this.#decode('pipe:0', probeStream(this.#pictures, timesUs));
    const source = { timesUs, small: await this.#small, fps: job.fps };
    return judgeOutput(source, { ...result, small: await this.#decode(output, []) }, run);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** As small pictures; fewer than there are when some cannot be decoded. */
  async #decode(input: string, stream: readonly Uint8Array[]): Promise<Uint8Array> {
    const output = this.#file('rgb');
    await this.#run(smallPicturesArguments(input, SMALL, this.#tools.build.passthrough, output), stream);
    return await readFile(output).catch(() => new Uint8Array());
  }

  #file(kind: string): string {
    this.#count += 1;
    return join(this.#folder, `${this.#count}.${kind}`);
  }

  async #run(args: readonly string[], stream: readonly Uint8Array[]): Promise<ProbeRun> {
    const { clock, limitMs } = this.#tools;
    const child = await this.#tools.spawn(args, this.#capBytes);
    let startedAt = clock.now();
    const work = async () => {
      await feed(child.stdin, stream.slice(0, 1));
      startedAt = clock.now();
      await feed(child.stdin, stream.slice(1));
      child.stdin.end();
      return await child.exited;
    };
    const exit = await within(clock, limitMs, Promise.race([work(), child.exited]));
    const workMs = msFromUs(clock.now() - startedAt);
    if (exit !== undefined) return { exit, overdueMs: undefined, workMs };
    return { exit: await child.kill('the probe took too long'), overdueMs: limitMs, workMs };
  }
}

/** Resolves when the kernel has taken all for the child, or the child takes no more. */
async function feed(stdin: Writable, chunks: readonly Uint8Array[]): Promise<void> {
  for (const chunk of chunks) {
    const failure = await new Promise<unknown>((resolve) => stdin.write(chunk, resolve));
    if (failure != null) return;
  }
}
