import type { Clock } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/logger.ts';
import { type MonoUs, usFromSeconds } from '../base/units.ts';

const FIRST_REPEAT_US = usFromSeconds(60);
const MOST_REPEAT_US = usFromSeconds(3600);

/**
 * A warning about something that may happen with every frame, for years: logged at once when it is new, again after a minute, then
 * after twice as long each time, up to once an hour. What had stopped for an hour is new.
 */
export class RareWarning {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #event: string;
  #loggedAt: MonoUs | undefined;
  #notedAt: MonoUs | undefined;
  #repeatUs = FIRST_REPEAT_US;

  constructor(event: string, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#event = event;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** `fields` is only asked for when a line is written; it should carry counts, as lines in between are left out. */
  note(isNew: boolean, fields: () => LogFields): void {
    const now = this.#clock.now();
    const wasQuiet = this.#notedAt === undefined || now - this.#notedAt >= MOST_REPEAT_US;
    this.#notedAt = now;
    if (isNew || wasQuiet) this.#repeatUs = FIRST_REPEAT_US;
    else if (this.#loggedAt !== undefined && now - this.#loggedAt < this.#repeatUs) return;
    else this.#repeatUs = Math.min(MOST_REPEAT_US, this.#repeatUs * 2);
    this.#loggedAt = now;
    this.#logger.warn(this.#event, fields());
  }
}
