import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import { RareWarning } from '../rare-warning.ts';
import type { SrtpMasterKey } from '../srtp/session-keys.ts';
import { SrtcpContext } from '../srtp/srtcp-context.ts';
import type { SrtcpRefusal, SrtpRefusal } from '../srtp/srtp-refusal.ts';
import { SrtpUnprotector } from '../srtp/srtp-unprotector.ts';

/** Opens what comes on the ports of an encrypted stream, and counts what it refuses. */
export class SrtpIntake {
  readonly refused = new ReasonCounts<SrtpRefusal>();
  readonly refusedRtcp = new ReasonCounts<SrtcpRefusal>();
  /** Protects our own RTCP, too. */
  readonly srtcp: SrtcpContext;
  readonly #unprotector: SrtpUnprotector;
  readonly #warning: RareWarning;

  /** @param ssrc our own, under which we report */
  constructor(master: SrtpMasterKey, ssrc: number, deps: { readonly clock: Clock; readonly logger: Logger }) {
    this.#unprotector = new SrtpUnprotector(master);
    this.srtcp = new SrtcpContext(master, ssrc);
    this.#warning = new RareWarning('srtp_refused', deps);
  }

  /** The packet in the clear, valid until the next call; undefined when it is refused. */
  rtp(packet: Uint8Array): Uint8Array | undefined {
    return this.#counted(this.#unprotector.unprotect(packet), this.refused);
  }

  /** The datagram in the clear; undefined when it is refused. */
  rtcp(datagram: Uint8Array): Uint8Array | undefined {
    return this.#counted(this.srtcp.unprotect(datagram), this.refusedRtcp);
  }

  #counted<T extends string>(opened: Uint8Array | T, counts: ReasonCounts<T>): Uint8Array | undefined {
    if (typeof opened !== 'string') return opened;
    const isNew = counts.of(opened) === 0;
    counts.add(opened);
    if (opened === 'own') return undefined; // as it should be in a group
    this.#warning.note(isNew, () => ({ reason: opened, rtp: this.refused, rtcp: this.refusedRtcp }));
    return undefined;
  }
}
