/** Two hours at 18 a second; 1 MB. */
const MAX_VALUES = 1 << 17;

/** Least, median and the like of the values added. After 131072 of them further ones count for least and most alone. */
export class Distribution {
  readonly #values: number[] = [];
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;
  #sum = 0;
  #count = 0;

  add(value: number): void {
    if (this.#values.length < MAX_VALUES) this.#values.push(value);
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
    this.#sum += value;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Undefined before the first value. By the nearest rank. */
  spread(): Spread | undefined {
    if (this.#count === 0) return undefined;
    const sorted = this.#values.toSorted((a, b) => a - b);
    const rank = (percent: number): number => sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!;
    return { least: this.#least, p50: rank(50), p99: rank(99), most: this.#most };
  }
}

export interface Spread {
  readonly least: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}
