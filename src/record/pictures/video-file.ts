import { access } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import { within } from '../../base/within.ts';
import type { Frame } from '../../frame/frame.ts';
import { Child, type ChildExit } from '../child/child.ts';
import { lastWords } from '../child/run-program.ts';
import { ClipFrames } from '../clip/clip-frames.ts';
import { DEFAULT_QUALITY } from '../encoders/encoder-profile.ts';
import { clipArguments, type VideoContainer } from '../ffmpeg/ffmpeg-arguments.ts';
import type { FfmpegBuild } from '../ffmpeg/ffmpeg-build.ts';
import { findFfmpeg } from '../ffmpeg/find-ffmpeg.ts';
import { ensureWritableDirectory } from '../record-directory.ts';
import type { FrameStore } from './frame-store.ts';

export interface VideoFileOptions {
  /** Its ending chooses the container: .mp4 or .mkv. */
  readonly path: string;
  readonly encoder: 'copy' | 'libx264';
  /** The program. */
  readonly ffmpeg: string;
}

const CONTAINERS: Readonly<Record<string, VideoContainer>> = { '.mp4': 'mp4', '.mkv': 'matroska' };
/** Only for how far apart key frames may be when times tell nothing. */
const USUAL_FPS = 30;
/** Two seconds at 60 frames a second may wait for ffmpeg. */
const LIMITS = { frames: 120, bytes: 32 << 20 };
/** At the end ffmpeg is waited for as long as it goes on taking frames, each within this time. */
const DRAIN_STALLED_MS = 10_000;

/** True when a path names a video file by its ending. */
export const isVideoFile = (path: string): boolean => extname(path).toLowerCase() in CONTAINERS;

/**
 * Frames into one video file, each at its capture time, through an ffmpeg child. Pictures of another size than the first
 * one, and those not later than the one before, are refused. ffmpeg starts with the first frame.
 */
export class VideoFile implements FrameStore {
  readonly failed: Promise<CamboxError>;
  readonly #options: VideoFileOptions;
  readonly #build: FfmpegBuild;
  readonly #clock: Clock;
  readonly #frames = new ClipFrames([], LIMITS);
  readonly #failure = Promise.withResolvers<CamboxError>();
  #child: Promise<Child | undefined> | undefined;
  #error: CamboxError | undefined;
  #refused = 0;
  #finished: Promise<void> | undefined;

  private constructor(options: VideoFileOptions, build: FfmpegBuild, clock: Clock) {
    this.#options = options;
    this.#build = build;
    this.#clock = clock;
    this.failed = this.#failure.promise;
  }

  /**
   * Look ahead: the file must not exist, its folder is made if it is missing, ffmpeg must be there. Throws `conflict`,
   * `not_writable`, `missing_program`, `timed_out`, `child_failed`.
   */
  static async open(options: VideoFileOptions, clock: Clock): Promise<VideoFile> {
    const path = resolve(options.path);
    await ensureWritableDirectory(dirname(path));
    if (await exists(path)) {
      throw new CamboxError('conflict', {
        verb: 'write',
        thing: path,
        reason: 'the file exists already',
        remedy: 'Name another file, or remove it',
      });
    }
    return new VideoFile({ ...options, path }, await findFfmpeg(options.ffmpeg), clock);
  }

  get stored(): number {
    return this.#frames.taken - this.#frames.feed.lost;
  }

  get refused(): number {
    return this.#refused + this.#frames.feed.lost;
  }

  offer(frame: Frame): void {
    if (this.#frames.offer(frame) === 'taken') this.#child ??= this.#start(frame);
    else this.#refused += 1;
  }

  finish(): Promise<void> {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  /** As `finish`; what failed is told by `failed`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish().catch((failure) => this.#fail(asCamboxError(failure, 'finish', this.#options.path)));
  }

  async #start({ width, height }: Frame): Promise<Child | undefined> {
    const { path, encoder, ffmpeg } = this.#options;
    const container = CONTAINERS[extname(path).toLowerCase()] ?? 'matroska';
    const { passthrough } = this.#build;
    const job = { size: { width, height }, fps: USUAL_FPS, quality: DEFAULT_QUALITY, device: undefined };
    try {
      const child = await Child.spawn(
        ffmpeg,
        clipArguments({ encoder, job, container, passthrough, output: path }),
        this.#clock,
      );
      this.#frames.feed.connect(child.stdin);
      void child.exited.then((exit) => this.#onExit(child, exit));
      return child;
    } catch (failure) {
      this.#fail(asCamboxError(failure, 'write', path));
      return undefined;
    }
  }

  /** It ends when we end it; by itself only when something is wrong. */
  #onExit(child: Child, exit: ChildExit): void {
    if (child.endReason !== undefined && exit.code === 0) return;
    const reason = lastWords(exit.stderr) || `ffmpeg ended with ${exit.signal ?? exit.code}`;
    const isFull = reason.includes('No space left on device');
    this.#fail(
      new CamboxError(isFull ? 'disk_full' : 'child_failed', { verb: 'write', thing: this.#options.path, reason }),
    );
  }

  #fail(error: CamboxError): void {
    this.#error ??= error;
    this.#frames.feed.close();
    this.#failure.resolve(this.#error);
  }

  async #finish(): Promise<void> {
    const child = await this.#child;
    if (child !== undefined) {
      await this.#drain(child);
      this.#frames.feed.close();
      await child.stop('finished');
    }
    if (this.#error !== undefined) throw this.#error;
  }

  async #drain(child: Child): Promise<void> {
    const { feed } = this.#frames;
    let before = -1;
    while (feed.frames > 0 && feed.written !== before && !feed.closed) {
      before = feed.written;
      await within(this.#clock, DRAIN_STALLED_MS, Promise.race([feed.drained(), child.exited]));
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new CamboxError('not_writable', { verb: 'write', thing: path, reason: (failure as Error).message });
  }
}
