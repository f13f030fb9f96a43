import type { Clock } from '../../base/clock.ts';
import { asCamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { StateDatabase } from '../../catalog/memory-database.ts';
import { readMissedTelemetry, writeMissedTelemetry } from '../../catalog/state/missed-telemetry.ts';
import type { TelemetryAnswer, TelemetryQuery } from '../../catalog/telemetry/telemetry-query.ts';
import type { Sample } from '../../catalog/telemetry/telemetry-tables.ts';

export interface TelemetryFeedDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** `state.db`, if there is one. */
  readonly db: StateDatabase | undefined;
  /** `mqtt.telemetry_interval_s`; 0: no telemetry goes out. */
  readonly everyS: () => number;
  readonly query: (query: TelemetryQuery) => Promise<TelemetryAnswer>;
  /** Returns whether it went out. */
  readonly live: (body: object) => boolean;
  /** Resolves to whether the broker has it. */
  readonly batch: (body: object) => Promise<boolean>;
}

/** Of what was missed, so many points of each figure go out: a minute each for a day. */
const MOST_POINTS = 1440;
/** Samples are on the disk, and can be asked for, after a minute (telemetry-desk.ts). */
const WRITTEN_MS = 60_000;

/**
 * Telemetry for the fleet: a sample now and then, and after an outage what was missed, a figure at a time, from the box's own
 * `telemetry.db`.
 */
export class TelemetryFeed {
  readonly #deps: TelemetryFeedDeps;
  /** Since when the broker has none. */
  #missedFromMs: number | undefined;
  /** A first one that did not go out. */
  #firstMissedMs: number | undefined;
  /** Since when samples go out again. */
  #backSinceMs: number | undefined;
  #isRead = false;
  #lastMs = Number.NEGATIVE_INFINITY;
  #replaying = false;

  constructor(deps: TelemetryFeedDeps) {
    this.#deps = deps;
  }

  /** Each sample, as it is taken. Never throws. */
  onSample(tMs: number, values: Sample): void {
    const everyMs = this.#deps.everyS() * 1000;
    if (everyMs === 0 || Math.abs(tMs - this.#lastMs) < everyMs) return;
    this.#lastMs = tMs;
    this.#readMissed();
    if (this.#deps.live({ ts: new Date(tMs).toISOString(), ...values })) this.#sent(tMs);
    else this.#missed(tMs);
  }

  /** A single one that is missed, such as the first of a start, is not worth a write. */
  #missed(tMs: number): void {
    this.#backSinceMs = undefined;
    if (this.#missedFromMs !== undefined) return;
    if (this.#firstMissedMs === undefined) this.#firstMissedMs = tMs;
    else void this.#keep(this.#firstMissedMs);
  }

  /** What was missed goes out when the disk has all of it, so that it can be asked for. */
  #sent(tMs: number): void {
    this.#firstMissedMs = undefined;
    if (this.#missedFromMs === undefined) return;
    this.#backSinceMs ??= tMs;
    const isWritten = Math.abs(tMs - this.#backSinceMs) >= WRITTEN_MS;
    if (isWritten && !this.#replaying) void this.#replay(this.#missedFromMs, this.#backSinceMs);
  }

  async #replay(fromMs: number, untilMs: number): Promise<void> {
    this.#replaying = true;
    try {
      if (await this.#sendAll(fromMs, untilMs)) await this.#keep(undefined);
    } catch (thrown) {
      this.#tell(thrown); // the next sample tries again
    } finally {
      this.#replaying = false;
    }
  }

  async #sendAll(fromMs: number, untilMs: number): Promise<boolean> {
    if (untilMs <= fromMs) return true; // the clock was set back
    const { series, ...about } = await this.#deps.query({ fromMs, untilMs, points: MOST_POINTS });
    for (const { metric, buckets } of series) {
      if (!(await this.#deps.batch({ metric, ...about, buckets }))) return false;
    }
    return true;
  }

  #readMissed(): void {
    if (this.#isRead || this.#deps.db === undefined) return;
    this.#isRead = true;
    try {
      this.#missedFromMs = readMissedTelemetry(this.#deps.db);
    } catch (thrown) {
      this.#tell(thrown);
    }
  }

  async #keep(fromMs: number | undefined): Promise<void> {
    this.#missedFromMs = fromMs;
    const { db } = this.#deps;
    if (db === undefined) return;
    await writeMissedTelemetry(db, fromMs).catch((failure: unknown) => this.#tell(failure));
  }

  #tell(thrown: unknown): void {
    const { code, message } = asCamboxError(thrown, 'send', 'telemetry');
    this.#deps.logger.warn('telemetry_not_sent', { code, problem: message });
  }
}
