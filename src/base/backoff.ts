export interface BackoffLimits {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Exponential backoff with full jitter: each wait is a random part (at least a tenth) of a cap that doubles up to
 * `maxMs`. `random` returns [0, 1) and is a parameter so that tests can pin it.
 */
export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #random: () => number;
  #attempt = 0;

  constructor(limits: BackoffLimits, random: () => number = Math.random) {
    this.#limits = limits;
    this.#random = random;
  }

  nextMs(): number {
    const cap = Math.min(this.#limits.maxMs, this.#limits.firstMs * 2 ** Math.min(this.#attempt, 30));
    this.#attempt += 1;
    return Math.round(cap * (0.1 + 0.9 * this.#random()));
  }

  /** Call when the attempt went well: the next failure starts small again. */
  reset(): void {
    this.#attempt = 0;
  }
}
