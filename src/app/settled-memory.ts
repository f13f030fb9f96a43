import { readFile, readlink } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { codeMappings, giveBackCode, giveBackFreeHeap } from '../native/give-back-memory.ts';

const FIRST_MS = 10_000;
/** Each wait is so many times the one before, */
const LONGER = 2;
/** up to this. */
const LONGEST_MS = 3_600_000;
/** After a wait this long the start is over: V8 has compiled what is used all the time. */
const START_MS = 60_000;

/** How memory is given back. */
export interface GivingBack {
  /** What the C heap has free. */
  freeHeap(): void;
  /** Code that only the start needed. */
  startUpCode(): Promise<void>;
}

const TO_KERNEL: GivingBack = {
  freeHeap: giveBackFreeHeap,
  /** Without /proc nothing is given back, and nothing is worse than before. */
  async startUpCode() {
    const read = await Promise.all([readFile('/proc/self/maps', 'utf8'), readlink('/proc/self/exe')]).catch(
      () => undefined,
    );
    if (read !== undefined) giveBackCode(codeMappings(...read));
  },
};

/**
 * Keeps the memory of a program that runs for years at what it uses: starting and compiling take a third more than running
 * does. Gives back what the C heap has free soon, then ever more rarely, and the code that only the start needed.
 */
export class SettledMemory implements Disposable {
  readonly #clock: Clock;
  readonly #give: GivingBack;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, give: GivingBack = TO_KERNEL) {
    this.#clock = clock;
    this.#give = give;
    this.#wait(FIRST_MS);
  }

  #wait(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => {
      this.#give.freeHeap();
      if (ms < START_MS) void this.#give.startUpCode();
      this.#wait(Math.min(LONGEST_MS, ms * LONGER));
    });
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }
}
