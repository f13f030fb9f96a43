import { type MonoUs, msFromUs } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';
import type { ClipGap } from './clip.ts';
import { type FeedLimits, FrameFeed } from './frame-feed.ts';
import { GapLog, type Seen } from './gap-log.ts';
import { RecentFrames } from './recent-frames.ts';

/**
 * What became of an offered frame: `taken`; `dropped`, as ffmpeg is too slow; `out_of_order`, not later than the frame
 * before; `other_size`, which a clip cannot change to; `closed`, as ffmpeg takes nothing more.
 */
export type FrameFate = 'taken' | 'dropped' | 'out_of_order' | 'other_size' | 'closed';

/**
 * The frames of one clip: which are taken, which are missing, and from when to when they reach. Frames go on into
 * `feed`, which holds a reference to each until it is written.
 */
export class ClipFrames {
  readonly feed: FrameFeed;
  readonly #gaps: GapLog;
  readonly #recent = new RecentFrames();
  readonly #before: Seen | undefined;
  #first: Seen | undefined;
  #lastTaken: MonoUs | undefined;
  #lastSeen: Pick<Frame, 'capturedAt' | 'sequence' | 'width' | 'height'> | undefined;
  #taken = 0;
  #outOfOrder = 0;

  /** Takes over the references of the pre-roll frames, oldest first. `before`: see GapLog. */
  constructor(preRoll: readonly Frame[], limits: FeedLimits, before?: Seen) {
    this.#gaps = new GapLog(before);
    this.#before = before;
    const burst = newestLike(preRoll);
    this.feed = new FrameFeed(burst, limits);
    for (const frame of burst) this.#note(frame, true);
  }

  /** Capture time of the first frame; undefined until there is one. */
  get firstAt(): MonoUs | undefined {
    return this.#first?.capturedAt;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Frames refused as ffmpeg was too slow, and as they were not later than the one before. */
  get dropped(): number {
    return this.#gaps.queueFrames;
  }

  get outOfOrder(): number {
    return this.#outOfOrder;
  }

  /** From the first to the last taken frame, by their capture times. */
  get spanMs(): number {
    return this.#first === undefined || this.#lastTaken === undefined
      ? 0
      : toMs(this.#lastTaken - this.#first.capturedAt);
  }

  /** The last frame that was offered and in order, taken or not. */
  get lastSeen(): Seen | undefined {
    return this.#lastSeen;
  }

  /** How much of the clip is from before `time`. */
  beforeMs(time: MonoUs): number {
    return this.#first === undefined ? 0 : Math.max(0, toMs(time - this.#first.capturedAt));
  }

  /** The last frame before `time`: of those that were taken, else the one before the first of them. */
  lastBefore(time: MonoUs): Seen | undefined {
    return this.#recent.lastBefore(time) ?? this.#before ?? (this.#first && neighbourBefore(this.#first));
  }

  offer(frame: Frame): FrameFate {
    if (this.feed.closed) return 'closed';
    const last = this.#lastSeen;
    if (last !== undefined && frame.capturedAt <= last.capturedAt) {
      this.#outOfOrder += 1;
      return 'out_of_order';
    }
    if (last !== undefined && (frame.width !== last.width || frame.height !== last.height)) return 'other_size';
    const taken = this.feed.offer(frame);
    this.#note(frame, taken);
    return taken ? 'taken' : 'dropped';
  }

  /** The camera is gone for now: what is missing until its next frame is a gap. */
  sourceBroke(): void {
    this.#gaps.sourceBroke();
  }

  /** No more frames come. */
  finish(): readonly ClipGap[] {
    return this.#gaps.finish();
  }

  #note(frame: Frame, taken: boolean): void {
    const { capturedAt, sequence, width, height } = frame;
    this.#lastSeen = { capturedAt, sequence, width, height };
    this.#gaps.note({ capturedAt, sequence }, taken);
    if (!taken) return;
    this.#first ??= { capturedAt, sequence };
    this.#recent.add({ capturedAt, sequence });
    this.#lastTaken = capturedAt;
    this.#taken += 1;
  }
}

/** The newest frames that are of one size and strictly later one than the other; the others are released. */
function newestLike(frames: readonly Frame[]): readonly Frame[] {
  let from = frames.length;
  for (let next: Frame | undefined; from > 0; from--) {
    const frame = frames[from - 1]!;
    if (next !== undefined && !fits(frame, next)) break;
    next = frame;
  }
  for (const frame of frames.slice(0, from)) frame.release();
  return frames.slice(from);
}

const fits = (frame: Frame, next: Frame): boolean =>
  frame.capturedAt < next.capturedAt && frame.width === next.width && frame.height === next.height;

/** Nobody has seen it: it counts as captured at the same time. */
const neighbourBefore = ({ capturedAt, sequence }: Seen): Seen => ({ capturedAt, sequence: (sequence - 1) >>> 0 });

const toMs = (us: number): number => msFromUs(Math.round(us));
