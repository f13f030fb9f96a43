import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import { RareWarning } from '../rare-warning.ts';

const REMEDY =
  'if they are of the stream, receive with the session description of its sender (--sdp FILE): it tells the number';

/**
 * Packets with another payload type than the one that is received. They are ignored; as RFC 3551 leaves it to senders to number JPEG
 * anew, they may be the very stream, and so they are told.
 */
export class OtherPayloads {
  /** Packets by payload type, 128 at most. */
  readonly counts = new ReasonCounts<`${number}`>();
  readonly #wanted: number;
  readonly #warning: RareWarning;

  constructor(wanted: number, deps: { readonly clock: Clock; readonly logger: Logger }) {
    this.#wanted = wanted;
    this.#warning = new RareWarning('rtp_other_payload_type', deps);
  }

  note(payloadType: number): void {
    const isNew = this.counts.of(`${payloadType}`) === 0;
    this.counts.add(`${payloadType}`);
    this.#warning.note(isNew, () => ({
      payload_type: payloadType,
      received: this.#wanted,
      ignored: this.counts,
      remedy: REMEDY,
    }));
  }
}
