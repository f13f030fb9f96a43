import type { Clock } from '../../src/base/clock.ts';
import { type MonoUs, monoUs, type WallMs, wallMs } from '../../src/base/units.ts';

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** A clock that stands still until `advance`. Timers run in the order of their time. */
export class FakeClock implements Clock {
  #nowUs: number;
  readonly #timers = new Set<Timer>();

  constructor(nowUs = 1_000_000_000) {
    this.#nowUs = nowUs;
  }

  now(): MonoUs {
    return monoUs(this.#nowUs);
  }

  wall(): WallMs {
    return wallMs(1_700_000_000_000 + this.#nowUs / 1000);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#nowUs + ms * 1000, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.after(ms, resolve);
      const wake = (): void => {
        cancel();
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Let time pass, running what falls due, and let promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#nowUs + ms * 1000;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#nowUs = Math.max(this.#nowUs, due.at);
      due.task();
      await settle();
    }
    this.#nowUs = end;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
