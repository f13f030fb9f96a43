import type { Clock } from '../../base/clock.ts';
import { asCamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { StateDatabase } from '../../catalog/memory-database.ts';
import { CostTable } from '../../catalog/state/cost-table.ts';
import { LearnedCosts, MAX_WORKLOADS } from '../../jobs/learned-costs.ts';

export interface CostKeeperOptions {
  /** `state.db`; undefined: costs are learned anew after each start. */
  readonly database: StateDatabase | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A card does not like to be written to: what is learned within this time is written at once. */
const SAVE_MS = 5 * 60_000;

/** The learned costs, kept over a restart. What cannot be read or written costs only what was learned. */
export class CostKeeper implements AsyncDisposable {
  readonly costs: LearnedCosts;
  readonly #options: CostKeeperOptions;
  readonly #table: CostTable | undefined;
  /** Peaks by workload, as they are written: an array is never changed. */
  #saved: ReadonlyMap<string, readonly number[]>;
  #failed = false;
  #cancelSave: () => void = () => undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: CostKeeperOptions) {
    const { database } = options;
    this.#options = options;
    this.#table = database && new CostTable(database);
    this.costs = new LearnedCosts(this.#load());
    this.#saved = new Map(Object.entries(this.costs.table));
    if (database !== undefined) this.#scheduleSave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelSave();
    await this.#saving;
    await this.#save();
  }

  #load() {
    try {
      return this.#table?.all();
    } catch (thrown) {
      this.#warn('costs_not_read', thrown);
      return undefined;
    }
  }

  #scheduleSave(): void {
    this.#cancelSave = this.#options.clock.after(SAVE_MS, () => {
      this.#saving = this.#save();
      this.#scheduleSave();
    });
  }

  async #save(): Promise<void> {
    const now = Object.entries(this.costs.table);
    const news = now.filter(([workload, peaks]) => this.#saved.get(workload) !== peaks);
    if (news.length === 0) return;
    try {
      await this.#options.database?.write('keep costs in', () => {
        for (const [workload, peaks] of news) this.#table?.put(workload, peaks, MAX_WORKLOADS);
      });
      this.#saved = new Map(now);
      this.#failed = false;
    } catch (thrown) {
      if (!this.#failed) this.#warn('costs_not_saved', thrown);
      this.#failed = true;
    }
  }

  #warn(event: string, thrown: unknown): void {
    const { code, message } = asCamboxError(thrown, 'keep', 'costs');
    this.#options.logger.warn(event, { code, problem: message });
  }
}
