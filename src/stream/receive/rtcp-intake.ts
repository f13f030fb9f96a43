import type { MonoUs } from '../../base/units.ts';
import type { HeardSenderReport, SourceReception } from '../../rtp/reception-report.ts';
import { type RtcpPacket, readRtcp } from '../../rtp/rtcp-compound.ts';
import { Departure, type Presence } from './departure.ts';
import type { ReceiverReports } from './receiver-reports.ts';
import type { SrtpIntake } from './srtp-intake.ts';

/** The source whose packets are received, as far as RTCP needs to know it. */
export interface FollowedSource {
  /** Undefined while there is none. */
  readonly ssrc: number | undefined;
  readonly reception: SourceReception | undefined;
  /** When a packet of it came last. */
  readonly heardAt: MonoUs;
}

/** What a stream's RTCP tells: the sender's reports, who takes part, and who leaves. */
export class RtcpIntake {
  /** Hears of it all, and answers the sender; undefined: nobody does. */
  reports: ReceiverReports | undefined;
  readonly #source: FollowedSource;
  readonly #srtp: SrtpIntake | undefined;
  readonly #onGoodbye: () => void;
  readonly #departure = new Departure();
  #heard: HeardSenderReport | undefined;

  /** @param onGoodbye somebody leaves: `presence` is to be asked from now on */
  constructor(source: FollowedSource, srtp: SrtpIntake | undefined, onGoodbye: () => void) {
    this.#source = source;
    this.#srtp = srtp;
    this.#onGoodbye = onGoodbye;
  }

  /** What the followed source said last of itself. */
  get senderReport(): HeardSenderReport | undefined {
    return this.#heard?.report.ssrc === this.#source.ssrc ? this.#heard : undefined;
  }

  /** Of the followed source. */
  presence(now: MonoUs): Presence {
    return this.#departure.presence(this.#source.ssrc, this.#source.heardAt, now);
  }

  /** Take a datagram, which may be none of RTCP; `from` is the encoded address that it came from. */
  take(datagram: Uint8Array, at: MonoUs, from: () => Uint8Array): void {
    const clear = this.#srtp === undefined ? datagram : this.#srtp.rtcp(datagram);
    const packets = clear && readRtcp(clear);
    if (packets === undefined) return;
    this.reports?.note(packets, datagram.length, at);
    for (const packet of packets) this.#takePacket(packet, at, from);
  }

  #takePacket(packet: RtcpPacket, at: MonoUs, from: () => Uint8Array): void {
    const { ssrc } = this.#source;
    if (packet.kind === 'goodbye') {
      this.#departure.note(packet.ssrcs, ssrc, at);
      this.#onGoodbye();
    }
    // While no source is followed, it may be of the one whose packets are about to be read.
    if (packet.kind === 'sender_report' && (ssrc === undefined || ssrc === packet.ssrc)) {
      this.#heard = { report: packet, at };
      this.reports?.answer(from(), at);
    }
  }
}
