import { type MonoUs, msFromUs } from '../../base/units.ts';
import type { ClipGap } from './clip.ts';

type Where = ClipGap['where'];

export interface Seen {
  readonly capturedAt: MonoUs;
  readonly sequence: number;
}

/** V4L2 counts pictures modulo 2^32. A step back, or by more than half of that, is a new count, not a loss. */
const TWO_31 = 2 ** 31;

/** Past this many, further gaps are joined to the last one: the frames still add up. */
export const MAX_GAPS = 100;

/**
 * Where a clip misses pictures. Told of every frame that was offered, in order, and whether it got in. One hole between
 * two stored frames may have both causes; its time is then shared in proportion to the frames missing.
 */
export class GapLog {
  readonly #gaps: ClipGap[] = [];
  #origin: MonoUs | undefined;
  #stored: Seen | undefined;
  #seen: Seen | undefined;
  #missing: Record<Where, number> = { source: 0, queue: 0 };
  #broken = false;
  #queueFrames = 0;
  #before: Seen | undefined;

  /** `before`: the last frame of the file that this one goes on from, when there may be a hole between the two. */
  constructor(before?: Seen) {
    this.#before = before;
  }

  /** Frames dropped so far, as ffmpeg was too slow. */
  get queueFrames(): number {
    return this.#queueFrames;
  }

  /** The source stopped and may come back: what is between its frames is a gap whatever their count says. */
  sourceBroke(): void {
    this.#broken = true;
  }

  note(frame: Seen, stored: boolean): void {
    this.#origin ??= frame.capturedAt;
    this.#noteBefore(frame);
    this.#countMissing(frame);
    this.#seen = frame;
    if (!stored) {
      this.#missing.queue += 1;
      this.#queueFrames += 1;
      return;
    }
    this.#closeHole(frame.capturedAt);
    this.#stored = frame;
  }

  /** No more frames come: a hole that is still open ends with the last frame seen. */
  finish(): readonly ClipGap[] {
    if (this.#seen !== undefined && this.#missing.queue > 0) this.#closeHole(this.#seen.capturedAt);
    return this.#gaps;
  }

  /** What no file has is told by the later one, at its beginning. */
  #noteBefore(first: Seen): void {
    const before = this.#before;
    this.#before = undefined;
    if (before === undefined) return;
    const step = (first.sequence - before.sequence) >>> 0;
    const frames = step === 0 || step >= TWO_31 ? 0 : step - 1;
    const lostUs = first.capturedAt - before.capturedAt;
    if (frames > 0) this.#add('queue', first.capturedAt, (lostUs * frames) / (frames + 1), frames);
    else if (step !== 1) this.#add('queue', first.capturedAt, lostUs, 0);
  }

  #countMissing(frame: Seen): void {
    if (this.#seen === undefined) return;
    const step = (frame.sequence - this.#seen.sequence) >>> 0;
    const restarted = step === 0 || step >= TWO_31;
    if (restarted) this.#broken = true;
    else this.#missing.source += step - 1;
  }

  #closeHole(until: MonoUs): void {
    const { source, queue } = this.#missing;
    const missing = source + queue;
    const from = this.#stored?.capturedAt ?? this.#origin ?? until;
    if (missing > 0) {
      // Of n + 1 intervals between two stored frames, n belong to the n missing ones.
      const lostUs = ((until - from) * missing) / (missing + 1);
      if (source > 0 || this.#broken) this.#add('source', from, (lostUs * source) / missing, source);
      if (queue > 0) this.#add('queue', from, (lostUs * queue) / missing, queue);
    } else if (this.#broken && this.#stored !== undefined) {
      this.#add('source', from, until - from, 0);
    }
    this.#missing = { source: 0, queue: 0 };
    this.#broken = false;
  }

  #add(where: Where, from: MonoUs, lostUs: number, frames: number): void {
    const at_ms = msFromUs(Math.round(from - (this.#origin ?? from)));
    const lost_ms = msFromUs(Math.round(lostUs));
    const last = this.#gaps.at(-1);
    if (last !== undefined && this.#gaps.length >= MAX_GAPS) {
      this.#gaps[this.#gaps.length - 1] = {
        ...last,
        lost_ms: last.lost_ms + lost_ms,
        frames: last.frames + frames,
      };
      return;
    }
    this.#gaps.push({ at_ms, lost_ms, frames, where });
  }
}
