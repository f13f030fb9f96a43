import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { prometheusText } from '../../catalog/telemetry/telemetry-export.ts';
import { type TelemetryAnswer, type TelemetryQuery, TelemetryStore } from '../../catalog/telemetry/telemetry-store.ts';
import type { Sample } from '../../catalog/telemetry/telemetry-tables.ts';
import type { TelemetryControl } from '../../control/box.ts';
import { supervise } from '../supervisor.ts';

export interface TelemetryDeskOptions {
  /** The folder of `telemetry.db`. */
  readonly dir: string;
  readonly budgetBytes: number;
  /** Empty for none. */
  readonly prometheusFile: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly backoff: Backoff;
  sample(): Sample;
  /** Told of each sample. */
  onSample?(tMs: number, values: Sample): void;
}

const FILE = 'telemetry.db';
const SAMPLE_MS = 10_000;
/** Written once a minute, to spare the card. */
const SAMPLES_A_FLUSH = 6;

/** Takes a sample of the box every ten seconds and keeps it, as long as the disk lets it. */
export class TelemetryDesk implements TelemetryControl, AsyncDisposable {
  readonly #options: TelemetryDeskOptions;
  readonly #stop = new AbortController();
  #store: TelemetryStore | undefined;
  #problem: CamboxError | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: TelemetryDeskOptions) {
    this.#options = options;
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    const { clock, logger } = this.#options;
    await this.#store?.flush(clock.wall()).catch((failure) => {
      const { code, message } = asCamboxError(failure, 'write', 'telemetry');
      logger.warn('telemetry_not_written', { code, problem: message });
    });
    await this.#store?.[Symbol.asyncDispose]();
    this.#store = undefined;
    this.#problem = new CamboxError('interrupted', { verb: 'query', thing: 'telemetry', reason: 'cambox is stopping' });
  }

  /** Throws when the disk does not take it. */
  async #run(): Promise<void> {
    const { dir, budgetBytes, clock, backoff } = this.#options;
    const { signal } = this.#stop;
    this.#store ??= await TelemetryStore.open(join(dir, FILE), budgetBytes);
    for (let n = 1; !signal.aborted; n++) {
      await this.#sample(this.#store);
      if (n % SAMPLES_A_FLUSH === 0) {
        await this.#store.flush(clock.wall());
        this.#problem = undefined;
        backoff.reset();
      }
      await clock.sleep(SAMPLE_MS, signal);
    }
  }

  async #sample(store: TelemetryStore): Promise<void> {
    const { clock, sample, prometheusFile } = this.#options;
    const values = sample();
    const now = clock.wall();
    store.add(now, values);
    this.#options.onSample?.(now, values);
    if (prometheusFile === '') return;
    // whoever reads it sees the old file or the new one, never half of one
    await writeFile(`${prometheusFile}.new`, prometheusText(values), { mode: 0o644 });
    await rename(`${prometheusFile}.new`, prometheusFile);
  }
}
