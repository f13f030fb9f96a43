import { newSourceCounts, type SourceCounts } from '../../capture/frame-source.ts';

/** What a camera's sources have counted, one after the other: each open starts at zero, the camera does not. */
export class CaptureTotals {
  readonly #past = newSourceCounts();
  #current: SourceCounts | undefined;
  #sources = 0;

  /** How often it was opened again. */
  get reopened(): number {
    return Math.max(0, this.#sources - 1);
  }

  /** From now on, these count as well. */
  begin(counts: SourceCounts): void {
    if (counts === this.#current) return; // its stream was restarted
    if (this.#current !== undefined) addCounts(this.#past, this.#current);
    this.#current = counts;
    this.#sources += 1;
  }

  /** Plain JSON. */
  report(): Readonly<Record<string, unknown>> {
    const sum = newSourceCounts();
    for (const counts of [this.#past, this.#current]) if (counts !== undefined) addCounts(sum, counts);
    return { gaps: sum.gaps, dropped: sum.dropped, retimed: sum.retimed };
  }
}

function addCounts(sum: SourceCounts, counts: SourceCounts): void {
  sum.captured += counts.captured;
  sum.gaps += counts.gaps;
  sum.dropped.addAll(counts.dropped);
  sum.retimed.addAll(counts.retimed);
}
