import { join } from 'node:path';
import type { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { TelemetryAnswer, TelemetryQuery } from '../../catalog/telemetry/telemetry-query.ts';
import { TelemetryStore } from '../../catalog/telemetry/telemetry-store.ts';
import type { Sample } from '../../catalog/telemetry/telemetry-tables.ts';
import type { TelemetryControl } from '../../control/box.ts';
import type { Check } from '../../health/checks.ts';
import { supervise } from '../supervisor.ts';
import { PrometheusFile } from './prometheus-file.ts';

export interface TelemetryDeskOptions {
  /** The folder of `telemetry.db`. */
  readonly dir: string;
  readonly budgetBytes: number;
  /** Empty for none. */
  readonly prometheusFile: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly backoff: Backoff;
  /** Whether the wall clock is known to be right; undefined when nobody tells. */
  clockSynced(): boolean | undefined;
  sample(): Sample;
  /** Told of each sample. */
  onSample?(tMs: number, values: Sample): void;
}

export const TELEMETRY_FILE = 'telemetry.db';
const SAMPLE_MS = 10_000;
/** Written once a minute, to spare the card. */
const SAMPLES_A_FLUSH = 6;

/** Takes a sample of the box every ten seconds and keeps it, as long as the disk lets it. */
export class TelemetryDesk implements TelemetryControl, AsyncDisposable {
  readonly #options: TelemetryDeskOptions;
  readonly #stop = new AbortController();
  readonly #prometheus: PrometheusFile;
  #store: TelemetryStore | undefined;
  #problem: CamboxError | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: TelemetryDeskOptions) {
    this.#options = options;
    this.#prometheus = new PrometheusFile(options.prometheusFile, options.logger);
  }

  start(): void {
    const { backoff, clock, logger } = this.#options;
    this.#running = supervise(() => this.#run(), {
      ...{ thing: 'telemetry', backoff, clock, signal: this.#stop.signal },
      onFailure: (problem, waitMs) => {
        if (problem.message !== this.#problem?.message) {
          const dropped_samples = this.#store?.dropped ?? 0;
          const { code, message } = problem;
          logger.warn('telemetry_unavailable', { code, problem: message, retry_ms: waitMs, dropped_samples });
        }
        this.#problem = problem;
      },
    });
  }

  async query(query: TelemetryQuery): Promise<TelemetryAnswer> {
    if (this.#store !== undefined) return await this.#store.query(query);
    const reason = 'it is being opened';
    throw this.#problem ?? new CamboxError('busy', { verb: 'query', thing: 'telemetry', reason });
  }

  checks(): readonly Check[] {
    const id = 'telemetry';
    const kept: Check =
      this.#problem === undefined
        ? { id, status: 'ok' }
        : { id, status: 'warn', code: 'telemetry_unavailable', hint: this.#problem.message };
    return [kept, ...this.#prometheus.checks()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    const { logger } = this.#options;
    await this.#flush().catch((failure) => {
      const { code, message } = asCamboxError(failure, 'write', 'telemetry');
      logger.warn('telemetry_not_written', { code, problem: message });
    });
    await this.#store?.[Symbol.asyncDispose]();
    this.#store = undefined;
    this.#problem = new CamboxError('interrupted', { verb: 'query', thing: 'telemetry', reason: 'cambox is stopping' });
  }

  /** Throws when the disk does not take it, and what is wrong with the file when it is damaged. */
  async #run(): Promise<void> {
    const { clock, backoff } = this.#options;
    const { signal } = this.#stop;
    const store = await this.#open();
    for (let n = 1; !signal.aborted; n++) {
      store.damaged.throwIfAborted(); // the next run begins it anew
      await this.#sample(store);
      if (n % SAMPLES_A_FLUSH === 0) {
        await this.#flush();
        this.#problem = undefined;
        backoff.reset();
      }
      await clock.sleep(SAMPLE_MS, signal);
    }
  }

  async #open(): Promise<TelemetryStore> {
    const { dir, budgetBytes, logger } = this.#options;
    const before = this.#store;
    if (before !== undefined && !before.damaged.aborted) return before;
    this.#store = undefined;
    await before?.[Symbol.asyncDispose]();
    this.#store = await TelemetryStore.open(join(dir, TELEMETRY_FILE), {
      budgetBytes,
      logger,
      damage: before?.damaged.reason,
    });
    return this.#store;
  }

  async #flush(): Promise<void> {
    const { clock, clockSynced } = this.#options;
    await this.#store?.flush(clock.wall(), clockSynced());
  }

  async #sample(store: TelemetryStore): Promise<void> {
    const { clock, sample } = this.#options;
    const values = sample();
    const now = clock.wall();
    store.add(now, values);
    this.#options.onSample?.(now, values);
    await this.#prometheus.write(values);
  }
}
