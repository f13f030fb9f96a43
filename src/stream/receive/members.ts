import type { MonoUs } from '../../base/units.ts';

/** More participants of a group than this are not told apart: reports come a little too often then. */
const MAX_MEMBERS = 4096;

/** The other participants of a session, by their SSRCs (RFC 3550 §6.3.3). */
export class Members {
  readonly #heardAt = new Map<number, MonoUs>();

  get count(): number {
    return this.#heardAt.size;
  }

  note(ssrc: number, now: MonoUs): void {
    if (this.#heardAt.size < MAX_MEMBERS || this.#heardAt.has(ssrc)) this.#heardAt.set(ssrc, now);
  }

  /** It said goodbye. */
  remove(ssrc: number): void {
    this.#heardAt.delete(ssrc);
  }

  /** Forget whom nobody has heard for so long. */
  removeSilent(now: MonoUs, silentUs: number): void {
    for (const [ssrc, heardAt] of this.#heardAt) if (now - heardAt > silentUs) this.#heardAt.delete(ssrc);
  }
}
