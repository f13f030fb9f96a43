import type { Clock } from '../../base/clock.ts';
import { msFromUs } from '../../base/units.ts';

const LOOK_MS = 2000;
/** Less is a clock that is being led to the right time, not set. */
const LEAST_STEP_MS = 2000;

/** Tells when the wall clock was set while the box runs: by how much, in milliseconds. */
export class ClockWatch implements Disposable {
  readonly #clock: Clock;
  readonly #onStep: (stepMs: number) => void;
  #offsetMs: number;
  #cancel: () => void;

  constructor(clock: Clock, onStep: (stepMs: number) => void) {
    this.#clock = clock;
    this.#onStep = onStep;
    this.#offsetMs = this.#offset;
    this.#cancel = clock.after(LOOK_MS, () => this.#look());
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  /** The wall clock against the one that nobody sets. */
  get #offset(): number {
    return this.#clock.wall() - msFromUs(this.#clock.now());
  }

  #look(): void {
    const offset = this.#offset;
    const stepMs = Math.round(offset - this.#offsetMs);
    this.#offsetMs = offset;
    if (Math.abs(stepMs) >= LEAST_STEP_MS) this.#onStep(stepMs);
    this.#cancel = this.#clock.after(LOOK_MS, () => this.#look());
  }
}
