/** Counts that are tried with each packet: some 30 us. */
const TRIES = 16;
/** Where to give up: more than a year of 1080p at 30 frames a second. A forger gains 22 of the tag's 80 bits by it. */
const MOST_TRIES = 2 ** 22;
/** Sources that are searched for at a time; whoever began first goes first. */
const MAX_SOURCES = 8;

/**
 * Finds out how often the sequence numbers of a source have wrapped, where nobody tells (RFC 3711 §3.3.1 leaves it to others):
 * a receiver that came late, or missed half of the numbers, tries counts, and only with the right one is the tag right. A few
 * with each packet, and the next packet goes on behind them; the source's own count grows far more slowly.
 */
export class RolloverSearch {
  readonly #next = new Map<number, number>();

  /** The count that is right for a packet of this source, from `least` on; undefined when it is not among those tried now. */
  find(ssrc: number, least: number, isRight: (rollovers: number) => boolean): number | undefined {
    const from = Math.max(least, this.#next.get(ssrc) ?? least);
    const end = Math.min(from + TRIES, least + MOST_TRIES);
    for (let rollovers = from; rollovers < end; rollovers++) {
      if (!isRight(rollovers)) continue;
      this.#next.delete(ssrc);
      return rollovers;
    }
    this.#remember(ssrc, end);
    return undefined;
  }

  #remember(ssrc: number, next: number): void {
    const [oldest] = this.#next.keys();
    if (!this.#next.has(ssrc) && this.#next.size === MAX_SOURCES && oldest !== undefined) this.#next.delete(oldest);
    this.#next.set(ssrc, next);
  }
}
