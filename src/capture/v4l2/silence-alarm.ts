import type { Clock } from '../../base/clock.ts';
import { type MonoUs, monoPlus, msFromUs, usFromMs } from '../../base/units.ts';

export interface SilenceHandler {
  /** The limit is reached. A picture may lie there unseen (the event loop was blocked): look, and call `heard`. */
  lastChance(): void;
  /** Nothing was heard for so long. Called once. */
  ring(silentMs: number): void;
}

/**
 * Notices that a camera has gone silent, the one fault about which the kernel tells nothing. One timer for the whole
 * time, not one for each picture.
 */
export class SilenceAlarm implements Disposable {
  readonly #limitMs: number;
  readonly #clock: Clock;
  readonly #handler: SilenceHandler;
  #heardAt: MonoUs;
  #cancel: () => void;
  #disposed = false;

  /** Starts to listen at once. */
  constructor(limitMs: number, clock: Clock, handler: SilenceHandler) {
    this.#limitMs = limitMs;
    this.#clock = clock;
    this.#handler = handler;
    this.#heardAt = clock.now();
    this.#cancel = clock.after(limitMs, () => this.#due());
  }

  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  #due(): void {
    if (this.#leftMs() <= 0) this.#handler.lastChance();
    if (this.#disposed) return; // by the last chance
    const leftMs = this.#leftMs();
    if (leftMs > 0) this.#cancel = this.#clock.after(leftMs, () => this.#due());
    else this.#handler.ring(this.#limitMs - leftMs);
  }

  #leftMs(): number {
    return Math.ceil(msFromUs(monoPlus(this.#heardAt, usFromMs(this.#limitMs)) - this.#clock.now()));
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel();
  }
}
