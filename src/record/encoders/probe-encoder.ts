import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { EncoderName } from '../../base/encoder-names.ts';
import { CamboxError } from '../../base/errors.ts';
import type { WallMs } from '../../base/units.ts';
import { within } from '../../base/within.ts';
import type { Child } from '../child/child.ts';
import { runProgram } from '../child/run-program.ts';
import { clipArguments, frameTimesArguments, smallPicturesArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import type { FfmpegBuild } from '../ffmpeg/ffmpeg-build.ts';
import type { MemoryUse } from '../memory/memory-caps.ts';
import type { EncodeJob, PictureSize } from './encoder-profile.ts';
import type { EncoderVerdict } from './encoder-verdict.ts';
import { judgeOutput, judgeRun, type ProbeRun } from './judge-probe.ts';
import { SMALL, SMALL_BYTES } from './likeness.ts';
import { cropToShown } from './picture-fit.ts';
import { type ProbePictures, probeStream, probeTimesUs } from './probe-stream.ts';

export interface ProbeTools {
  readonly build: FfmpegBuild;
  readonly ffprobe: string;
  /** Start ffmpeg under a memory cap, with less weight than clips have. */
  spawn(args: readonly string[], memoryBytes: number): Promise<Child>;
  readonly clock: Clock;
  /** Where the short files go. */
  readonly folder: string;
  /** What an encoder may take for all pictures. */
  readonly limitMs: number;
}

/** Decoding and looking at times may take so many times that: it tells nothing of the encoder, a busy machine is slow. */
const LOOKING_PATIENCE = 4;

const FOLDER = 'encoder-probe-';
/** No probe takes so long: a folder of this age is from a process that was killed. */
const LEFTOVER_MS = 3_600_000;
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
  #small: Uint8Array | undefined;
  #count = 0;
  #capBytes = 0;
  #memory: MemoryUse | undefined;

  /** Throws when the folder cannot be written to. */
  static async open(pictures: ProbePictures, tools: ProbeTools): Promise<EncoderProbe> {
    return new EncoderProbe(pictures, tools, await mkdtemp(join(tools.folder, FOLDER)));
  }

  private constructor(pictures: ProbePictures, tools: ProbeTools, folder: string) {
    this.#pictures = pictures;
    this.#tools = tools;
    this.#folder = folder;
  }

  get size(): PictureSize {
    return this.#pictures.size;
  }

  /** What the encoder that was tried last needed. */
  get memory(): MemoryUse | undefined {
    return this.#memory;
  }

  /**
   * Throws what has nothing to do with the encoder: no ffmpeg, no ffprobe, a full disk, pictures that nobody can decode
   * (`pictures_corrupt`), a machine too busy to look at what came out (`timed_out`, `child_failed`).
   */
  async try(encoder: EncoderName, job: EncodeJob, capBytes: number): Promise<EncoderVerdict> {
    this.#capBytes = capBytes;
    const timesUs = probeTimesUs(this.#pictures.jpegs.length, job.fps);
    const source = { timesUs, small: await this.#decodeSource(timesUs) };
    const output = this.#file('mp4');
    const args = clipArguments({ encoder, job, passthrough: this.#tools.build.passthrough, output });
    const run = await this.#run(args, probeStream(this.#pictures, timesUs), this.#tools.limitMs);
    this.#memory = run.exit.memory;
    return (
      judgeRun(run) ??
      judgeOutput(source, { timesUs: await this.#timesUs(output), small: await this.#decode(output, [], []) })
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Once for all encoders: of an odd size without what they cut off, or each picture would be compared with one that is stretched. */
  async #decodeSource(timesUs: readonly number[]): Promise<Uint8Array> {
    this.#small ??= await this.#decode('pipe:0', probeStream(this.#pictures, timesUs), cropToShown(this.size));
    if (this.#small.length === timesUs.length * SMALL_BYTES) return this.#small;
    throw new CamboxError('pictures_corrupt', {
      verb: 'probe encoders with',
      thing: "the camera's pictures",
      reason: `ffmpeg decodes ${Math.floor(this.#small.length / SMALL_BYTES)} of ${timesUs.length}`,
    });
  }

  /** Of the frames in a file; none when it cannot be read. */
  async #timesUs(path: string): Promise<readonly number[]> {
    const limits = { ...FFPROBE_LIMITS, timeoutMs: this.#lookingMs };
    try {
      const text = await runProgram(this.#tools.ffprobe, frameTimesArguments(path), limits);
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map((line) => Math.round(Number.parseFloat(line) * 1e6));
    } catch (failure) {
      if (failure instanceof CamboxError && failure.code === 'child_failed') return [];
      throw failure;
    }
  }

  /** As small pictures; fewer than there are when some cannot be decoded. */
  async #decode(input: string, stream: readonly Uint8Array[], filters: readonly string[]): Promise<Uint8Array> {
    const output = this.#file('rgb');
    const { passthrough } = this.#tools.build;
    const args = smallPicturesArguments({ input, filters, size: SMALL, passthrough, output });
    const run = await this.#run(args, stream, this.#lookingMs);
    if (run.exit.signal !== null) throw killedWhileDecoding(run);
    return await readFile(output).catch(() => new Uint8Array());
  }

  get #lookingMs(): number {
    return LOOKING_PATIENCE * this.#tools.limitMs;
  }

  #file(kind: string): string {
    this.#count += 1;
    return join(this.#folder, `${this.#count}.${kind}`);
  }

  async #run(args: readonly string[], stream: readonly Uint8Array[], limitMs: number): Promise<ProbeRun> {
    const { clock } = this.#tools;
    const child = await this.#tools.spawn(args, this.#capBytes);
    void feed(child.stdin, stream).then(() => child.stdin.end());
    const exit = await within(clock, limitMs, child.exited);
    if (exit !== undefined) return { exit, overdueMs: undefined };
    return { exit: await child.kill('the probe took too long'), overdueMs: limitMs };
  }
}

/** Half of what it would have written is no answer, neither on the encoder nor on the camera. */
function killedWhileDecoding({ exit, overdueMs }: ProbeRun): CamboxError {
  const [verb, thing] = ['decode', 'the pictures of an encoder probe'];
  if (overdueMs !== undefined) {
    return new CamboxError('timed_out', { verb, thing, reason: `ffmpeg did not finish within ${overdueMs / 1000} s` });
  }
  const why = exit.memory?.killed === undefined ? `by ${exit.signal}` : 'for want of memory';
  return new CamboxError('child_failed', { verb, thing, reason: `ffmpeg was killed ${why}` });
}

/** Resolves when the kernel has taken all for the child, or the child takes no more. */
async function feed(stdin: Writable, chunks: readonly Uint8Array[]): Promise<void> {
  for (const chunk of chunks) {
    const failure = await new Promise<unknown>((resolve) => stdin.write(chunk, resolve));
    if (failure != null) return;
  }
}

/** Remove what probes of killed processes have left in a folder. Never throws: it is only room on the disk. */
export async function removeLeftovers(folder: string, now: WallMs): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith(FOLDER))) {
    const path = join(folder, name);
    const made = await stat(path).catch(() => undefined);
    if (made !== undefined && now - made.mtimeMs > LEFTOVER_MS)
      await rm(path, { recursive: true }).catch(() => undefined);
  }
}
