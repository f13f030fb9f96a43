/** Frames for which a rate is exceeded before it is believed: the first times of a camera, and those around an outage, are odd. */
const SETTLED_FRAMES = 30;
/** A rate is exceeded by more than this, not by what an estimate wavers. */
const WAVERING = 1.25;

/**
 * The frame rate in a stream's description, which is the most that it has (RFC 8866 §6.13, `a=framerate`). It only grows, and in steps:
 * a rate that wavers, or falls at dusk, makes no new descriptions.
 */
export class DescribedRate {
  /** Undefined until a rate has settled. */
  framesPerSecond: number | undefined;
  /** How often it has changed. */
  changes = 0;
  #framesAbove = 0;

  /** Take in the estimate of the frame rate, with each frame. */
  note(estimate: number | undefined): void {
    const isAbove = estimate !== undefined && estimate > (this.framesPerSecond ?? 0) * WAVERING;
    this.#framesAbove = isAbove ? this.#framesAbove + 1 : 0;
    if (this.#framesAbove < SETTLED_FRAMES) return;
    this.#framesAbove = 0;
    this.framesPerSecond = estimate;
    this.changes += 1;
  }
}
