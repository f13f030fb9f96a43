import type { Frame } from '../../frame/frame.ts';

/**
 * The one place between a camera and its consumer, for one frame: a newer frame takes the place of one that was not
 * fetched in time, so the consumer always gets the freshest.
 */
export class LatestFrame {
  #frame: Frame | undefined;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Takes over the frame. Returns false when an older one had to go for it. After the end it is released at once. */
  put(frame: Frame): boolean {
    if (this.#end !== undefined) {
      frame.release();
      return true;
    }
    const displaced = this.#frame;
    displaced?.release();
    this.#frame = frame;
    this.#wake?.();
    return displaced === undefined;
  }

  /** No more frames, for this reason: whoever takes gets the frame still here, then the error. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** No more frames, now: one still here is released. Idempotent. */
  close(): void {
    this.#end ??= {};
    this.#frame?.release();
    this.#frame = undefined;
    this.#wake?.();
  }

  /** The frame, once there is one, owned by the caller; undefined at the end. Throws what `fail` was given. */
  async take(): Promise<Frame | undefined> {
    while (this.#frame === undefined && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const frame = this.#frame;
    this.#frame = undefined;
    if (frame === undefined && this.#end !== undefined && 'error' in this.#end) throw this.#end.error;
    return frame;
  }
}
