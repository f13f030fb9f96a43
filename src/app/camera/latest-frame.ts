import type { Clock } from '../../base/clock.ts';
import { CamboxError } from '../../base/errors.ts';
import { usFromMs } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';
import type { FrameSink } from '../pipeline.ts';

/** A frame younger than this is fresh enough for a snapshot. */
const FRESH_MS = 1000;
const WAIT_MS = 5000;
const MAX_WAITING = 16;

/** Holds on to the newest frame of a camera. Its taker waits for the next one when the newest is not fresh. */
export class LatestFrame implements FrameSink, Disposable {
  readonly #camera: string;
  readonly #clock: Clock;
  readonly #waiting = new Set<(frame: Frame) => void>();
  #frame: Frame | undefined;
  #count = 0;

  constructor(camera: string, clock: Clock) {
    this.#camera = camera;
    this.#clock = clock;
  }

  /** Frames seen since the start. */
  get count(): number {
    return this.#count;
  }

  /** Age of the newest frame, or undefined before the first. */
  get ageMs(): number | undefined {
    return this.#frame && Math.round((this.#clock.now() - this.#frame.capturedAt) / 1000);
  }

  onFrame(frame: Frame): void {
    this.#frame?.release();
    this.#frame = frame.retain();
    this.#count += 1;
    for (const take of this.#waiting) take(frame);
    this.#waiting.clear();
  }

  /** A fresh frame, retained for the caller. Throws `timed_out`, `busy`, or the signal's reason. */
  async take(signal: AbortSignal): Promise<Frame> {
    const held = this.#frame;
    if (held !== undefined && this.#clock.now() - held.capturedAt < usFromMs(FRESH_MS)) return held.retain();
    if (this.#waiting.size >= MAX_WAITING) throw this.#cannot('busy', `${MAX_WAITING} others wait for a frame already`);
    const { promise, resolve, reject } = Promise.withResolvers<Frame>();
    const take = (frame: Frame): void => resolve(frame.retain());
    const onAbort = (): void => reject(signal.reason);
    const late = `no frame came within ${WAIT_MS / 1000} s`;
    const cancelTimer = this.#clock.after(WAIT_MS, () => reject(this.#cannot('timed_out', late)));
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(take);
    try {
      return await promise;
    } finally {
      this.#waiting.delete(take);
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
    }
  }

  #cannot(code: 'busy' | 'timed_out', reason: string): CamboxError {
    return new CamboxError(code, { verb: 'take', thing: `a picture from camera ${this.#camera}`, reason });
  }

  [Symbol.dispose](): void {
    this.#frame?.release();
    this.#frame = undefined;
  }
}
