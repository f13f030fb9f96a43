import { type MonoUs, usFromMs } from '../../base/units.ts';

/** RTCP has a socket of its own, and its news may overtake the last packets: they get so long, in silence. */
const LAST_PACKETS_US = usFromMs(200);
const MOST_LAST_PACKETS_US = usFromMs(2000);

/** `leaving`: a goodbye was heard, and time must tell; `gone`: nothing more is to come. */
export type Presence = 'present' | 'leaving' | 'gone';

/** Decides when a source that said goodbye (RFC 3550 §6.6) is really gone. Time is an argument only. */
export class Departure {
  #goodbye: { readonly ssrcs: readonly number[]; readonly at: MonoUs } | undefined;

  /**
   * Sources say goodbye. That of `followed` counts, and is not put off when it is said again; while none is followed, any
   * may be that of the source whose packets are about to be read.
   */
  note(ssrcs: readonly number[], followed: number | undefined, now: MonoUs): void {
    if (followed !== undefined && (!ssrcs.includes(followed) || this.#isOf(followed))) return;
    this.#goodbye = { ssrcs, at: now };
  }

  /** Of the followed source, of which a packet last came at `heardAt`. To be asked again soon while it is leaving. */
  presence(followed: number | undefined, heardAt: MonoUs, now: MonoUs): Presence {
    if (this.#goodbye === undefined) return 'present';
    const { at } = this.#goodbye;
    const isLate = now - at >= MOST_LAST_PACKETS_US;
    if (followed !== undefined && this.#isOf(followed)) {
      return isLate || now - Math.max(at, heardAt) >= LAST_PACKETS_US ? 'gone' : 'leaving';
    }
    if (isLate) this.#goodbye = undefined; // a stranger's
    return isLate ? 'present' : 'leaving';
  }

  #isOf(ssrc: number): boolean {
    return this.#goodbye?.ssrcs.includes(ssrc) ?? false;
  }
}
