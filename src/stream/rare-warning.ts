import type { Clock } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/logger.ts';
import { type MonoUs, usFromSeconds } from '../base/units.ts';

const REPEAT_US = usFromSeconds(60);

/** A warning about something that may happen with every frame: logged at once when it is new, then once a minute. */
export class RareWarning {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #event: string;
  #loggedAt: MonoUs | undefined;

  constructor(event: string, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#event = event;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** `fields` is only asked for when a line is written; it should carry counts, as lines in between are left out. */
  note(isNew: boolean, fields: () => LogFields): void {
    const now = this.#clock.now();
    if (!isNew && this.#loggedAt !== undefined && now - this.#loggedAt < REPEAT_US) return;
    this.#loggedAt = now;
    this.#logger.warn(this.#event, fields());
  }
}
