import type { PlaneCoder } from './plane-coder.ts';
import type { ScanReader } from './scan-reader.ts';

/** Counts the source's MCUs and goes past the restart marker between two intervals (T.81 §E.2.4). */
export class Restarts {
  readonly #reader: ScanReader;
  readonly #planes: readonly PlaneCoder[];
  readonly #interval: number;
  #left: number;
  #passed = 0;

  /** `interval` in MCUs; 0 is none. */
  constructor(reader: ScanReader, planes: readonly PlaneCoder[], interval: number) {
    this.#reader = reader;
    this.#planes = planes;
    this.#interval = interval;
    this.#left = interval;
  }

  /** To be called before each MCU. Returns the number of the marker just passed, counted from 0, or -1. */
  beforeMcu(): number {
    if (this.#interval === 0) return -1;
    if (this.#left > 0) {
      this.#left -= 1;
      return -1;
    }
    this.#left = this.#interval - 1;
    this.#reader.passRestart(this.#passed);
    for (const plane of this.#planes) plane.dcRead = 0;
    return this.#passed++;
  }
}
