import type { Clock } from '../../base/clock.ts';

/** A child allocates most in its first moments: it is looked at more often then. */
const FIRST_MS = 50;
const LONGEST_MS = 500;

/**
 * Calls `sample` again and again, one at a time, ever more rarely up to twice a second, until it is stopped. `sample` never
 * rejects.
 */
export class Sampler {
  readonly #clock: Clock;
  readonly #sample: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(clock: Clock, sample: () => Promise<void>) {
    this.#clock = clock;
    this.#sample = sample;
    this.#schedule(FIRST_MS);
  }

  /** Resolves when no sample is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
  }

  #schedule(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => {
      this.#running = this.#sample().then(() => {
        if (!this.#stopped) this.#schedule(Math.min(LONGEST_MS, ms * 2));
      });
    });
  }
}
