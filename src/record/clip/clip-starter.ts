import type { Clock } from '../../base/clock.ts';
import { within } from '../../base/within.ts';
import { Child } from '../child/child.ts';
import { clipArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import type { FfmpegBuild } from '../ffmpeg/ffmpeg-build.ts';
import { findFfmpeg } from '../ffmpeg/find-ffmpeg.ts';
import type { MemoryCaps } from '../memory/memory-caps.ts';
import { ensureWritableDirectory } from '../record-directory.ts';
import { type ClipOrigin, clipBeginning } from './clip-metadata.ts';
import { beginningTags } from './clip-metadata-file.ts';
import { tooSlowToStart } from './clip-refusals.ts';
import type { Recording } from './recording.ts';

export interface ClipStarterParts {
  readonly dir: string;
  readonly ffmpeg: string;
  readonly clock: Clock;
  readonly caps: MemoryCaps;
  readonly origin: ClipOrigin;
}

/** A disk that hangs must not keep a clip waiting for its ffmpeg, and a caller for the clip, for ever. */
const START_MS = 20_000;
/** Recordings share the processor as equals; what can wait weighs less. */
const CPU_WEIGHT = 100;

/** Starts the ffmpeg of each clip of a camera, and knows which build that is. */
export class ClipStarter {
  readonly #parts: ClipStarterParts;
  #build: FfmpegBuild | undefined;

  constructor(parts: ClipStarterParts) {
    this.#parts = parts;
  }

  /** Undefined until it was looked for and found. */
  get build(): FfmpegBuild | undefined {
    return this.#build;
  }

  /** Throws `missing_program`. */
  async findFfmpeg(): Promise<FfmpegBuild> {
    this.#build = await findFfmpeg(this.#parts.ffmpeg);
    return this.#build;
  }

  /** Throws `missing_program`, `not_writable`, `conflict`, `child_failed`, `timed_out`. */
  async start(recording: Recording): Promise<Child> {
    const spawning = this.#spawn(recording);
    const child = await within(this.#parts.clock, START_MS, spawning);
    if (child !== undefined) return child;
    const nobodyWaits = (): undefined => undefined;
    spawning.then((late) => late.kill('too late'), nobodyWaits);
    throw tooSlowToStart(recording.id, this.#parts.dir, START_MS);
  }

  async #spawn({ parts, firstAt }: Recording): Promise<Child> {
    const { chosen, lease, file } = parts;
    const { dir, ffmpeg, clock, caps, origin } = this.#parts;
    const build = this.#build ?? (await this.findFfmpeg());
    await ensureWritableDirectory(dir);
    await file.assertNew();
    const tags = beginningTags(clipBeginning(parts, firstAt, origin));
    const args = clipArguments({ ...chosen, passthrough: build.passthrough, tags, output: file.partial });
    const place = await caps.place({ memoryBytes: lease.capBytes, cpuWeight: CPU_WEIGHT });
    try {
      return await Child.spawn(ffmpeg, args, clock, { place });
    } catch (failure) {
      this.#build = undefined; // it was there before: look again next time
      throw failure;
    }
  }
}
