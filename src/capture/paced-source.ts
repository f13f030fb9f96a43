import type { Clock } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import { Nap } from '../base/nap.ts';
import { type MonoUs, monoPlus } from '../base/units.ts';
import { Frame } from '../frame/frame.ts';
import type { FrameArena, Slot } from '../frame/frame-arena.ts';
import type { JpegLayout } from '../jpeg/layout.ts';
import { endedLength, endPicture, SourceWalk } from '../jpeg/source-walk.ts';
import {
  type CaptureDrop,
  type FrameSource,
  newSourceCounts,
  type SourceAbout,
  type SourceCounts,
} from './frame-source.ts';
import type { Pictures } from './pictures.ts';

export interface PacingOptions {
  /** Pictures a second; undefined = as fast as they are consumed (their timestamps still run at NOMINAL_FPS). */
  readonly fps: number | undefined;
  /** Start again after the last picture. */
  readonly loop: boolean;
}

export const NOMINAL_FPS = 30;
/** Further behind than this, the schedule starts anew instead of catching up (a suspended process). */
const MAX_BEHIND_US = 1e6;
/** Unpaced, other work gets a turn after so many frames. */
const FRAMES_PER_TURN = 8;

/** Plays pictures on a schedule. Capture times are those of the schedule, so that they are free of timer jitter. */
export class PacedSource implements FrameSource {
  readonly about: SourceAbout;
  readonly counts: SourceCounts = newSourceCounts();
  readonly #pictures: Pictures;
  readonly #pacing: PacingOptions;
  readonly #arena: FrameArena;
  readonly #clock: Clock;
  readonly #walk = new SourceWalk();
  readonly #stopped = new AbortController();
  #iterated = false;
  /** Pictures that were no frames, one after the other. */
  #unusable = 0;

  constructor(
    about: Pick<SourceAbout, 'kind' | 'source'>,
    pictures: Pictures,
    pacing: PacingOptions,
    deps: { readonly arena: FrameArena; readonly clock: Clock },
  ) {
    this.about = { ...about, width: pictures.width, height: pictures.height, fps: pacing.fps };
    this.#pictures = pictures;
    this.#pacing = pacing;
    this.#arena = deps.arena;
    this.#clock = deps.clock;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, undefined> {
    if (this.#iterated) {
      throw new CamboxError('conflict', { verb: 'read', thing: this.about.source, reason: 'it is being read already' });
    }
    this.#iterated = true;
    const ended = AbortSignal.any([signal, this.#stopped.signal]);
    using nap = new Nap(this.#clock, ended);
    const periodUs = 1e6 / (this.#pacing.fps ?? NOMINAL_FPS);
    let startedAt = this.#clock.now();
    const { count } = this.#pictures;
    for (let number = 0; this.#pacing.loop || number < this.#pictures.count; number++) {
      const due = monoPlus(startedAt, Math.round(number * periodUs));
      const behindUs = await this.#waitUntil(due, number, nap);
      if (ended.aborted) return;
      if (this.#unusable >= count) throw this.#noWholePicture();
      if (behindUs > MAX_BEHIND_US) startedAt = monoPlus(startedAt, behindUs);
      const frame = this.#next(number, behindUs > MAX_BEHIND_US ? monoPlus(due, behindUs) : due);
      if (frame !== undefined) yield frame;
    }
  }

  /** Playing them again would not help. */
  #noWholePicture(): CamboxError {
    const reason = `none of its ${this.#pictures.count} pictures is whole`;
    return new CamboxError('bad_input', {
      verb: 'play',
      thing: this.about.source,
      reason,
      received: this.counts.dropped,
    });
  }

  /** Returns by how many microseconds the picture is late. */
  async #waitUntil(due: MonoUs, number: number, nap: Nap): Promise<number> {
    if (this.#pacing.fps === undefined) {
      if (number % FRAMES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      return 0;
    }
    for (;;) {
      const earlyUs = due - this.#clock.now();
      if (earlyUs <= 0 || nap.isOver) return -earlyUs;
      await nap.take(Math.ceil(earlyUs / 1000));
    }
  }

  #next(number: number, capturedAt: MonoUs): Frame | undefined {
    const { count } = this.#pictures;
    const arrivedAt = this.#clock.now();
    const slot = this.#pictures.copy(count === Number.POSITIVE_INFINITY ? number : number % count, (length) =>
      this.#arena.take(length),
    );
    if (slot === undefined) {
      this.counts.dropped.add('arena_full');
      return undefined;
    }
    if (slot === 'unreadable') return this.#leaveOut(slot);
    const jpeg = this.#walk.walk(slot.bytes);
    if (typeof jpeg === 'string') {
      slot.free();
      return this.#leaveOut(jpeg);
    }
    const whole = this.#ended(slot, jpeg);
    if (whole === undefined) {
      slot.free();
      this.counts.dropped.add('arena_full');
      return undefined;
    }
    this.#unusable = 0;
    this.counts.captured += 1;
    return new Frame(whole, endedLength(jpeg), { capturedAt, arrivedAt, sequence: number, jpeg });
  }

  /** The picture from SOI to EOI, in its slot if that has the room; undefined when the arena has none either. */
  #ended(slot: Slot, jpeg: JpegLayout): Slot | undefined {
    const length = endedLength(jpeg);
    const room = length > slot.bytes.length ? this.#arena.take(length) : slot;
    if (room === undefined) return undefined;
    if (room !== slot) {
      room.bytes.set(slot.bytes.subarray(0, jpeg.scanEnd));
      slot.free();
    }
    endPicture(room.bytes, jpeg);
    return room;
  }

  #leaveOut(reason: CaptureDrop): undefined {
    this.counts.dropped.add(reason);
    this.#unusable += 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#pictures[Symbol.asyncDispose]();
  }
}
