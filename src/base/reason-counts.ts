/**
 * How often each reason occurred. The reasons are a closed set of string literals, so the map cannot grow without
 * bound whatever the input does.
 */
export class ReasonCounts<Reason extends string> {
  readonly #counts = new Map<Reason, number>();
  #total = 0;

  add(reason: Reason, by = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + by);
    this.#total += by;
  }

  addAll(others: ReasonCounts<Reason>): void {
    for (const [reason, by] of others.#counts) this.add(reason, by);
  }

  of(reason: Reason): number {
    return this.#counts.get(reason) ?? 0;
  }

  get total(): number {
    return this.#total;
  }

  toJSON(): Partial<Record<Reason, number>> {
    return Object.fromEntries(this.#counts) as Partial<Record<Reason, number>>;
  }
}
