import type { Clock } from '../../base/clock.ts';
import type { CamboxError, ErrorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type MonoUs, msFromUs } from '../../base/units.ts';

/** Reconnections are counted one by one up to here. */
const MAX_COUNTED = 1000;
const HOUR_MS = 3_600_000;

/**
 * Tells of a lost connection once, and once of its return, however many attempts lie between. A second kind of
 * reason during the same outage (first the network, then the password) is told, too; each once.
 */
export class Outage {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #told = new Set<ErrorCode>();
  readonly #connectedAt: MonoUs[] = [];
  #since: MonoUs | undefined;
  #attempts = 0;
  #connections = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Connections after the first one, within the last hour (counted up to 1000). */
  get reconnectsLastHour(): number {
    const now = this.#clock.now();
    return this.#connectedAt.filter((at) => msFromUs(now - at) < HOUR_MS).length;
  }

  /** Failed attempts since the connection was lost. */
  get attempts(): number {
    return this.#attempts;
  }

  failed(failure: CamboxError): void {
    this.#since ??= this.#clock.now();
    this.#attempts += 1;
    if (this.#told.has(failure.code)) return;
    this.#told.add(failure.code);
    this.#logger.warn('mqtt_down', { code: failure.code, error: failure.message });
  }

  connected(fields: Readonly<Record<string, unknown>>): void {
    const away =
      this.#since === undefined
        ? {}
        : { down_ms: Math.round(msFromUs(this.#clock.now() - this.#since)), attempts: this.#attempts };
    this.#logger.info('mqtt_up', { ...fields, ...away });
    this.#connections += 1;
    if (this.#connections > 1) this.#connectedAt.push(this.#clock.now());
    if (this.#connectedAt.length > MAX_COUNTED) this.#connectedAt.shift();
    this.#since = undefined;
    this.#attempts = 0;
    this.#told.clear();
  }
}
