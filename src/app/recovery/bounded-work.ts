import type { Clock } from '../../base/clock.ts';
import { type MonoUs, monoPlus, msFromUs, usFromMs } from '../../base/units.ts';

/** Work that was told to end gets so long for it: the daemon has three seconds to stop. */
const END_MS = 1000;
/** How often the time left is counted down. */
const TICK_MS = 1000;

/**
 * Work with a budget, as calls to a driver can hang, and nothing on our side ends those. Work whose budget has run out is
 * told to stop, and left behind if it does not. Time in which the event loop stands still does not count: it says nothing
 * about the driver.
 */
export class BoundedWork {
  readonly #clock: Clock;
  #deadline: MonoUs | undefined;
  #cancelDeadline: () => void = () => undefined;
  #leftBehind = 0;
  #free: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** When the work under way must be over; undefined when there is none, or it has met its budget. */
  get deadline(): MonoUs | undefined {
    return this.#deadline;
  }

  /** Whether work that was left behind has not come back yet. */
  get hangs(): boolean {
    return this.#leftBehind > 0;
  }

  /** Resolves when all that was left behind has come back. */
  async untilFree(): Promise<void> {
    await this.#free;
  }

  /**
   * Do the work, which must not reject, and give its outcome; `late` when the budget ran out before `met` was called, or
   * the work did not end soon after `signal` was aborted. One piece of work at a time.
   */
  async do<T>(budgetMs: number, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T | 'late'> {
    const overrun = new AbortController();
    const late = Promise.withResolvers<'late'>();
    const callLate = (): void => {
      late.resolve('late');
      overrun.abort();
    };
    const onAbort = (): void => this.#setDeadline(END_MS, callLate);
    this.#setDeadline(signal.aborted ? END_MS : budgetMs, callLate);
    signal.addEventListener('abort', onAbort, { once: true });
    const working = work(AbortSignal.any([signal, overrun.signal]));
    try {
      const outcome = await Promise.race([late.promise, working]);
      if (outcome === 'late') this.#leaveBehind(working);
      return outcome;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#clearDeadline();
    }
  }

  /** The work has come to what its budget was for: from now on it may take as long as it likes. */
  met(): void {
    this.#clearDeadline();
  }

  #clearDeadline(): void {
    this.#cancelDeadline();
    this.#deadline = undefined;
  }

  #setDeadline(ms: number, onLate: () => void): void {
    this.#cancelDeadline();
    const from = this.#clock.now();
    const waitMs = Math.min(TICK_MS, ms);
    this.#deadline = monoPlus(from, usFromMs(ms));
    this.#cancelDeadline = this.#clock.after(waitMs, () => {
      const passedMs = Math.min(msFromUs(this.#clock.now() - from), waitMs + TICK_MS / 2);
      if (passedMs >= ms) onLate();
      else this.#setDeadline(ms - passedMs, onLate);
    });
  }

  #leaveBehind(working: Promise<unknown>): void {
    this.#leftBehind += 1;
    const over = working.then(() => {
      this.#leftBehind -= 1;
    });
    this.#free = Promise.all([this.#free, over]);
  }
}
