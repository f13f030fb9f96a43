import type { Clock } from '../../base/clock.ts';
import { FRAGMENT_MS } from '../ffmpeg/ffmpeg-arguments.ts';
import type { ClipFile } from './clip-file.ts';

/** So long after the first byte of a fragment all of it is there. */
const FRAGMENT_TAKES_MS = 100;

/**
 * Brings to the disk what a clip's file holds, one time after the other, beside everything else: each time when a fragment was
 * just written, as one that comes right after would wait for the next time.
 */
export class ClipSync {
  readonly #file: Pick<ClipFile, 'sync' | 'writtenAt'>;
  readonly #clock: Clock;
  readonly #onFailure: (message: string) => void;
  readonly #ending = new AbortController();
  #running: Promise<void> | undefined;

  constructor(file: Pick<ClipFile, 'sync' | 'writtenAt'>, clock: Clock, onFailure: (message: string) => void) {
    this.#file = file;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  /** Begin, unless the last one is still under way. */
  begin(): void {
    this.#running ??= this.#sync()
      .catch((failure: Error) => this.#onFailure(failure.message))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** No more fragments come. Resolves when none is under way. */
  async done(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #sync(): Promise<void> {
    const writtenAt = await this.#file.writtenAt();
    if (writtenAt === undefined) return;
    await this.#clock.sleep(untilFragmentIsThere(this.#clock.wall() - writtenAt), this.#ending.signal);
    await this.#file.sync();
  }
}

/** From how long ago something was written last; 0 when no fragment is due, or the clock was set meanwhile. */
function untilFragmentIsThere(agoMs: number): number {
  if (agoMs < 0 || agoMs >= FRAGMENT_MS) return 0;
  return agoMs <= FRAGMENT_TAKES_MS ? FRAGMENT_TAKES_MS - agoMs : FRAGMENT_MS + FRAGMENT_TAKES_MS - agoMs;
}
