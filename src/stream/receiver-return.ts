import { type MonoUs, usFromSeconds } from '../base/units.ts';

/** Refusals come with every frame; when they stop for so long, somebody listens again. */
const QUIET_US = usFromSeconds(1);

/** Notices that a receiver which was not there is back, by the refusals (ICMP port unreachable) that packets met. */
export class ReceiverReturn {
  #refusals = 0;
  #refusedAt: MonoUs | undefined;

  /** To be told with every frame how many refusals there were so far. True once, when the receiver is back. */
  note(refusals: number, now: MonoUs): boolean {
    if (refusals !== this.#refusals) {
      this.#refusals = refusals;
      this.#refusedAt = now;
      return false;
    }
    if (this.#refusedAt === undefined || now - this.#refusedAt < QUIET_US) return false;
    this.#refusedAt = undefined;
    return true;
  }
}
