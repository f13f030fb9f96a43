import type { MonoUs } from '../base/units.ts';

/** A receiver answers the newest report, or one of the last few when packets are late. */
const REMEMBERED = 8;

/** When our last sender reports left, by the name that reception reports give them (LSR, RFC 3550 §6.4.1). */
export class SentReports {
  readonly #sent: { readonly name: number; readonly at: MonoUs }[] = [];

  /** `name` is the middle of the report's NTP time. The oldest is forgotten. */
  note(name: number, at: MonoUs): void {
    this.#sent.push({ name, at });
    if (this.#sent.length > REMEMBERED) this.#sent.shift();
  }

  /** Undefined when it is not (or no longer) known. */
  sentAt(name: number): MonoUs | undefined {
    return this.#sent.findLast((report) => report.name === name)?.at;
  }
}
