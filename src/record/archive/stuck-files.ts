import type { Clock } from '../../base/clock.ts';
import { asCamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type MonoUs, monoUs } from '../../base/units.ts';

/** A file that has to go and cannot be removed. */
export interface StuckFile {
  /** The clip's name, or the file's. */
  readonly name: string;
  readonly problem: string;
}

interface Stuck extends StuckFile {
  readonly againAtUs: MonoUs;
}

/** A file that could not be removed is left alone for so long. */
const RETRY_US = 60_000_000;

/**
 * Files that could not be removed, so that others go in their place: one that the disk does not give up (a damaged file system, a
 * file that is immutable) must not keep all others.
 */
export class StuckFiles {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #files = new Map<string, Stuck>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The first failure of each file is logged. */
  add(name: string, thrown: unknown): void {
    const { code, message } = asCamboxError(thrown, 'delete', name);
    if (!this.#files.has(name)) this.#logger.error('retention_failed', { file: name, code, problem: message });
    this.#files.set(name, { name, problem: message, againAtUs: monoUs(this.#clock.now() + RETRY_US) });
  }

  /** It is gone. */
  forget(name: string): void {
    this.#files.delete(name);
  }

  /** Those that could have been tried again since then and were not: nothing asks for their room any more. */
  forgetUntried(since: MonoUs): void {
    for (const { name, againAtUs } of this.all) if (againAtUs <= since) this.forget(name);
  }

  /** Names that are not to be tried again yet. */
  get leftAlone(): ReadonlySet<string> {
    const now = this.#clock.now();
    return new Set([...this.#files.values()].filter(({ againAtUs }) => now < againAtUs).map(({ name }) => name));
  }

  get all(): readonly Stuck[] {
    return [...this.#files.values()];
  }
}
