import { ReasonCounts } from '../../base/reason-counts.ts';
import type { ClipEnd, ClipResult } from './clip.ts';

/** What became of a camera's clips since the start. */
export class ClipTally {
  readonly #states = new ReasonCounts<ClipResult['state']>();
  readonly #ends = new ReasonCounts<ClipEnd>();
  #refused = 0;
  #framesStored = 0;
  #framesDropped = 0;

  /** A clip that was not started. */
  refuse(): void {
    this.#refused += 1;
  }

  /** A clip that is over. */
  add({ state, end, frames, gaps }: ClipResult): void {
    this.#states.add(state);
    this.#ends.add(end);
    this.#framesStored += frames;
    for (const gap of gaps) if (gap.where === 'queue') this.#framesDropped += gap.frames;
  }

  get oomKills(): number {
    return this.#ends.of('out_of_memory');
  }

  /** Plain JSON for the health report. */
  report(): Readonly<Record<string, unknown>> {
    return {
      finished: this.#states.toJSON(),
      ends: this.#ends.toJSON(),
      refused: this.#refused,
      frames_stored: this.#framesStored,
      frames_dropped: this.#framesDropped,
    };
  }
}
