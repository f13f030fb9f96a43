import type { FrameSource } from '../../capture/frame-source.ts';

/** How a camera's source is opened, and what is done with its frames. Both throw CamboxError, and both can hang. */
export interface SourceActions {
  openSource(): Promise<FrameSource>;
  /** Run the frames of an open source to their end; throws when it breaks. */
  runFrames(source: FrameSource, signal: AbortSignal): Promise<void>;
}

/** Holds the source of a camera while one is open, never more than one. */
export class SourceSlot {
  readonly #actions: SourceActions;
  #source: FrameSource | undefined;
  #streamed = false;

  constructor(actions: SourceActions) {
    this.#actions = actions;
  }

  get isOpen(): boolean {
    return this.#source !== undefined;
  }

  get canRestart(): boolean {
    return this.#source?.restart !== undefined;
  }

  /** Whether the source has given a frame since it was opened or restarted. */
  get streamed(): boolean {
    return this.#streamed;
  }

  /** A frame came. Returns true for the first. */
  streams(): boolean {
    const isFirst = !this.#streamed;
    this.#streamed = true;
    return isFirst;
  }

  /** Open the source, anew if need be, and run its frames to their end. */
  async open(signal: AbortSignal): Promise<void> {
    await this.close();
    this.#streamed = false;
    if (signal.aborted) return;
    const source = await this.#actions.openSource();
    if (signal.aborted)
      await source[Symbol.asyncDispose](); // it took too long: nobody waits for it any more
    else {
      this.#source = source;
      await this.#actions.runFrames(source, signal);
    }
  }

  /** Restart the stream of the open source, and run its frames to their end. */
  async restart(signal: AbortSignal): Promise<void> {
    const source = this.#source;
    this.#streamed = false;
    await source?.restart?.();
    if (source !== undefined && !signal.aborted) await this.#actions.runFrames(source, signal);
  }

  async close(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.[Symbol.asyncDispose]();
  }
}
