import type { Demotion } from './demotions.ts';
import type { EncoderVerdict } from './encoder-verdict.ts';
import { type EncoderMemory, NOTHING_REMEMBERED, type StoredVerdict, type VerdictStore } from './verdict-store.ts';

/** Of encoders, sizes and arguments; the oldest goes first. */
const CAPACITY = 64;

/** All verdicts of this run and of earlier ones, by their key; lasting ones are written down. */
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

  async load(): Promise<void> {
    this.#earlier = await this.#store.load();
    for (const stored of this.#earlier.verdicts) this.set(stored);
  }

  get(key: string): EncoderVerdict | undefined {
    return this.#entries.get(key)?.verdict;
  }

  set(entry: StoredVerdict): void {
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > CAPACITY && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Forget what was found of an encoder at a size: it has to prove itself again after a restart. */
  forget(about: string): void {
    for (const [key, entry] of this.#entries) if (entry.about === about) this.#entries.delete(key);
  }

  /** Throws when it cannot be kept. */
  save(demotions: readonly Demotion[]): Promise<void> {
    return this.#store.save({
      verdicts: [...this.#entries.values()].filter(({ verdict }) => verdict.lasting),
      demotions: [...this.#earlier.demotions, ...demotions],
    });
  }
}
