import { ReasonCounts } from '../base/reason-counts.ts';
import { type MonoUs, monoPlus, msFromUs, usFromMs } from '../base/units.ts';
import type { Frame } from './frame.ts';
import type { FrameReserve } from './frame-arena.ts';

export interface PreRollLimits {
  /** How far back the ring reaches; 0 keeps nothing. */
  readonly maxMs: number;
  /** Of JPEG bytes. */
  readonly maxBytes: number;
  readonly maxFrames: number;
}

/**
 * Why a frame left the ring. `age` is the normal way; `bytes` and `frames` mean that the ring is too small for its
 * milliseconds; `memory` that there was no other room for a new frame; `clock_back` that a frame came with an earlier
 * capture time than the one before it.
 */
export type PreRollEviction = 'age' | 'bytes' | 'frames' | 'memory' | 'clock_back';

/**
 * The last seconds of a camera, by reference: the ring retains the frames that pass, and nothing is copied. Bounded by
 * time, bytes and count; the oldest frame goes first. Frames are in the order of their capture times.
 */
export class PreRollRing implements FrameReserve, Disposable {
  readonly limits: PreRollLimits;
  readonly evicted = new ReasonCounts<PreRollEviction>();
  readonly #slots: (Frame | undefined)[];
  #head = 0;
  #length = 0;
  #bytes = 0;

  constructor(limits: PreRollLimits) {
    this.limits = limits;
    this.#slots = new Array<Frame | undefined>(Math.max(1, limits.maxFrames)).fill(undefined);
  }

  get frames(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** From the oldest to the newest frame. */
  get spanMs(): number {
    if (this.#length === 0) return 0;
    return msFromUs(this.#at(this.#length - 1).capturedAt - this.#at(0).capturedAt);
  }

  get oldestAt(): MonoUs | undefined {
    return this.#length === 0 ? undefined : this.#at(0).capturedAt;
  }

  yieldOldest(): void {
    this.#evict('memory');
  }

  /** Keep the frame (the ring takes a reference of its own) and let go of what no longer fits. */
  push(frame: Frame): void {
    const { maxMs, maxBytes, maxFrames } = this.limits;
    if (maxMs <= 0 || maxFrames <= 0) return;
    if (this.#length > 0 && frame.capturedAt < this.#at(this.#length - 1).capturedAt) this.#evictAll('clock_back');
    const horizon = monoPlus(frame.capturedAt, -usFromMs(maxMs));
    while (this.#length > 0 && this.#at(0).capturedAt < horizon) this.#evict('age');
    while (this.#length > 0 && this.#bytes + frame.bytes.length > maxBytes) this.#evict('bytes');
    while (this.#length >= maxFrames) this.#evict('frames');
    if (frame.bytes.length > maxBytes) {
      this.evicted.add('bytes');
      return;
    }
    this.#slots[(this.#head + this.#length) % this.#slots.length] = frame.retain();
    this.#length += 1;
    this.#bytes += frame.bytes.length;
  }

  /** Capture time of the oldest frame at or after `time`; undefined when there is none. */
  oldestSince(time: MonoUs): MonoUs | undefined {
    for (let i = 0; i < this.#length; i++) {
      const { capturedAt } = this.#at(i);
      if (capturedAt >= time) return capturedAt;
    }
    return undefined;
  }

  /** The frames captured at or after `time`, oldest first, each retained for the caller, who releases them. */
  since(time: MonoUs): Frame[] {
    const frames: Frame[] = [];
    for (let i = 0; i < this.#length; i++) {
      const frame = this.#at(i);
      if (frame.capturedAt >= time) frames.push(frame.retain());
    }
    return frames;
  }

  /** Let go of every frame. */
  [Symbol.dispose](): void {
    while (this.#length > 0) this.#shift();
  }

  #evict(reason: PreRollEviction): void {
    this.#shift();
    this.evicted.add(reason);
  }

  #evictAll(reason: PreRollEviction): void {
    while (this.#length > 0) this.#evict(reason);
  }

  #shift(): void {
    const frame = this.#at(0);
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#slots.length;
    this.#length -= 1;
    this.#bytes -= frame.bytes.length;
    frame.release();
  }

  #at(index: number): Frame {
    const frame = this.#slots[(this.#head + index) % this.#slots.length];
    if (frame === undefined) throw new Error('Pre-roll ring is empty where it should hold a frame');
    return frame;
  }
}
