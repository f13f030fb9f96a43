import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { type CostTable, LearnedCosts, MAX_PEAKS, MAX_WORKLOADS } from './learned-costs.ts';

export interface CostKeeperOptions {
  /** A JSON file of some kilobytes; empty: costs are learned anew after each start. */
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A card does not like to be written to: what is learned within this time is written at once. */
const SAVE_MS = 5 * 60_000;
const VERSION = 1;

/** The learned costs, kept over a restart. A file that cannot be read or written costs only what was learned. */
export class CostKeeper implements AsyncDisposable {
  readonly costs: LearnedCosts;
  readonly #options: CostKeeperOptions;
  #saved: string;
  #failed = false;
  #cancelSave: () => void = () => undefined;
  #saving: Promise<void> = Promise.resolve();

  static async open(options: CostKeeperOptions): Promise<CostKeeper> {
    return new CostKeeper(options.path === '' ? {} : await load(options), options);
  }

  private constructor(table: CostTable, options: CostKeeperOptions) {
    this.costs = new LearnedCosts(table);
    this.#options = options;
    this.#saved = JSON.stringify(table);
    if (options.path !== '') this.#scheduleSave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelSave();
    await this.#saving;
    await this.#save();
  }

  #scheduleSave(): void {
    this.#cancelSave = this.#options.clock.after(SAVE_MS, () => {
      this.#saving = this.#save();
      this.#scheduleSave();
    });
  }

  async #save(): Promise<void> {
    const { path, logger } = this.#options;
    const text = JSON.stringify(this.costs.table);
    if (path === '' || text === this.#saved) return;
    try {
      // not synced: after a power cut an old or empty file is as good
      await writeFile(`${path}.new`, `{"version":${VERSION},"peaks_kib":${text}}\n`);
      await rename(`${path}.new`, path);
      this.#saved = text;
      this.#failed = false;
    } catch (failure) {
      if (!this.#failed) logger.warn('costs_not_saved', { path, error: (failure as Error).message });
      this.#failed = true;
    }
  }
}

async function load({ path, logger }: CostKeeperOptions): Promise<CostTable> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ENOENT') {
      logger.warn('costs_not_read', { path, error: (failure as Error).message });
    }
    return {};
  }
  const table = parseCosts(text);
  if (table === undefined) logger.warn('costs_not_read', { path, error: 'it is no file of learned costs' });
  return table ?? {};
}

/** What a file of costs holds, or undefined when it is none. Never throws. */
export function parseCosts(text: string): CostTable | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, peaks_kib: peaks } = Object(json) as { version?: unknown; peaks_kib?: unknown };
  if (version !== VERSION || typeof peaks !== 'object' || peaks === null) return undefined;
  const rows = Object.entries(peaks).slice(-MAX_WORKLOADS);
  return rows.every(([, row]) => isPeaks(row)) ? (Object.fromEntries(rows) as CostTable) : undefined;
}

const isPeaks = (row: unknown): boolean =>
  Array.isArray(row) && row.length <= MAX_PEAKS && row.every((peak) => Number.isSafeInteger(peak) && peak > 0);
