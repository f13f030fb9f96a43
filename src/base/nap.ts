import type { Clock } from './clock.ts';

/** Sleeps again and again until a signal is aborted, and listens to it only once: for loops that wait for every frame. */
export class Nap implements Disposable {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #wake: () => void = () => undefined;
  readonly #onAbort = (): void => this.#wake();

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** True when the signal is aborted: there is nothing more to wait for. */
  get isOver(): boolean {
    return this.#signal.aborted;
  }

  /** Resolves after `ms`, or at once when the signal is aborted. One at a time. */
  take(ms: number): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
