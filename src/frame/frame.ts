import type { MonoUs } from '../base/units.ts';
import type { JpegLayout } from '../jpeg/layout.ts';
import type { Slot } from './frame-arena.ts';

export interface FrameFacts {
  /** When the first byte was captured: the kernel's buffer timestamp, or the source's own schedule. */
  readonly capturedAt: MonoUs;
  /** When it was ours to take: the driver handed it over (VIDIOC_DQBUF), or its time to be played had come. */
  readonly arrivedAt?: MonoUs;
  /** The source's own picture count; a step of more than one is a gap. */
  readonly sequence: number;
  readonly jpeg: JpegLayout;
}

/**
 * One captured JPEG. Its bytes lie in a slot of the frame arena and were copied there once; everybody holds a view.
 * It is born with one reference, owned by whoever received it. `retain` adds one for a holder that outlives the
 * current turn of the frame loop; each holder releases (or disposes) exactly once, and after that must not touch
 * `bytes`: the last release gives the slot back.
 */
export class Frame implements Disposable {
  readonly capturedAt: MonoUs;
  readonly arrivedAt: MonoUs;
  readonly sequence: number;
  readonly jpeg: JpegLayout;
  readonly bytes: Uint8Array;
  readonly #slot: Slot;
  #references = 1;

  /** Takes over the slot. `length` bytes of it are the picture. */
  constructor(slot: Slot, length: number, facts: FrameFacts) {
    this.#slot = slot;
    this.bytes = slot.bytes.length === length ? slot.bytes : slot.bytes.subarray(0, length);
    this.capturedAt = facts.capturedAt;
    this.arrivedAt = facts.arrivedAt ?? facts.capturedAt;
    this.sequence = facts.sequence;
    this.jpeg = facts.jpeg;
  }

  get width(): number {
    return this.jpeg.width;
  }

  get height(): number {
    return this.jpeg.height;
  }

  retain(): this {
    if (this.#references === 0) throw new Error('Frame retained after its last release');
    this.#references += 1;
    return this;
  }

  release(): void {
    if (this.#references === 0) throw new Error('Frame released twice');
    this.#references -= 1;
    if (this.#references === 0) this.#slot.free();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
