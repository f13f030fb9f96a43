/** Indexes behind the newest of which it is known whether they came; RFC 3711 §3.3.2 wants 64 at least. */
const REMEMBERED = 128;

/** The replay list of one source (RFC 3711 §3.3.2). An index is to be noted only when its packet is authentic. */
export class ReplayWindow {
  readonly #seen = new Float64Array(REMEMBERED).fill(-1);
  #highest = -1;

  /** The newest index noted; -1 when there is none. */
  get highest(): number {
    return this.#highest;
  }

  look(index: number): 'new' | 'replayed' | 'too_old' {
    if (index <= this.#highest - REMEMBERED) return 'too_old';
    return this.#seen[index % REMEMBERED] === index ? 'replayed' : 'new';
  }

  /** One that is new. */
  note(index: number): void {
    this.#seen[index % REMEMBERED] = index;
    this.#highest = Math.max(this.#highest, index);
  }
}
