import { type MonoUs, usFromMs } from '../base/units.ts';
import type { Check } from './checks.ts';

/** Refused for so long, frames find no room because of how the box is set up, not because of a moment. */
const LASTING_US = usFromMs(3000);
/** Without a refusal for so long, it is over. */
const OVER_US = usFromMs(10_000);

const ID = 'frame_memory';

/** Judges by its count of refused frames whether the frame memory is too small. */
export class FrameMemoryJudge {
  #refused = 0;
  /** Of the refusals that have not ended yet. */
  #times: { readonly first: MonoUs; readonly last: MonoUs } | undefined;

  /** Call it every few seconds at least. `refused` counts from the start and never falls. */
  check(refused: number, now: MonoUs): Check {
    if (refused > this.#refused) this.#times = { first: this.#times?.first ?? now, last: now };
    else if (this.#times !== undefined && now - this.#times.last >= OVER_US) this.#times = undefined;
    this.#refused = refused;
    const isLasting = this.#times !== undefined && this.#times.last - this.#times.first >= LASTING_US;
    if (!isLasting) return { id: ID, status: 'ok' };
    return {
      id: ID,
      status: 'warn',
      code: 'frame_memory_full',
      hint: 'Pictures are dropped: raise frames.memory_mb, or record fewer clips at a time, or smaller pictures',
    };
  }
}
