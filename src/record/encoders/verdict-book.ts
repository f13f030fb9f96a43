import type { Demotion } from './demotions.ts';
import type { EncoderVerdict } from './encoder-verdict.ts';
import {
  type EncoderMemory,
  NOTHING_REMEMBERED,
  type ProbeNote,
  type StoredVerdict,
  type VerdictStore,
} from './verdict-store.ts';

/** Of encoders, sizes and arguments; the oldest goes first. */
const CAPACITY = 64;

/** All verdicts of this run and of earlier ones, by their key. */
export class VerdictBook {
  readonly #store: VerdictStore;
  readonly #entries = new Map<string, StoredVerdict>();
  #earlier: EncoderMemory = NOTHING_REMEMBERED;

  constructor(store: VerdictStore) {
    this.#store = store;
  }

  /** Those of earlier runs. */
  get earlierDemotions(): readonly Demotion[] {
    return this.#earlier.demotions;
  }

  load(): void {
    this.#earlier = this.#store.load();
    for (const stored of this.#earlier.verdicts) this.#set(stored);
  }

  get(key: string): EncoderVerdict | undefined {
    return this.#entries.get(key)?.verdict;
  }

  /** Known at once; rejects when it cannot be kept. */
  add(probe: ProbeNote): Promise<void> {
    this.#set(probe);
    return this.#store.add(probe);
  }

  /** Forget what was found of an encoder at a size: it has to prove itself again after a restart. Rejects as `add`. */
  demote(demotion: Demotion): Promise<void> {
    const { encoder, size } = demotion;
    for (const [key, entry] of this.#entries) {
      if (entry.encoder === encoder && entry.size === size) this.#entries.delete(key);
    }
    return this.#store.demote(demotion);
  }

  #set(entry: StoredVerdict): void {
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > CAPACITY && oldest !== undefined) this.#entries.delete(oldest);
  }
}
