import { type MonoUs, type RtpTicks, rtpTicksAt } from '../base/units.ts';
import type { RtpJpegForm } from '../rtp/jpeg-form.ts';
import { JpegPayloader } from '../rtp/jpeg-payloader.ts';
import type { PacketPlan } from '../rtp/packet-plan.ts';
import type { ReportedSource } from './rtcp-session.ts';
import { newIdentity } from './rtp-identity.ts';
import type { SrtpMasterKey } from './srtp/session-keys.ts';
import { SrtcpContext } from './srtp/srtcp-context.ts';
import { SrtpProtector } from './srtp/srtp-protector.ts';

export interface PacketSourceOptions {
  /** Random when undefined. */
  readonly ssrc: number | undefined;
  /** Undefined: nothing is encrypted. */
  readonly masterKey: SrtpMasterKey | undefined;
  /** [0, 1) */
  readonly random: () => number;
  /** The stream's figures, which go on when one source follows another. */
  readonly counts: { readonly packets: number; readonly octets: number };
}

/** A synchronisation source (RFC 3550 §3): what receivers know a stream by, and what makes its packets. */
export class PacketSource implements ReportedSource {
  readonly ssrc: number;
  readonly timestampOffset: RtpTicks;
  readonly srtcp: SrtcpContext | undefined;
  readonly #payloader: JpegPayloader;
  readonly #protector: SrtpProtector | undefined;
  readonly #counts: PacketSourceOptions['counts'];
  readonly #countsBefore: { readonly packets: number; readonly octets: number };

  constructor({ ssrc: wantedSsrc, masterKey, random, counts }: PacketSourceOptions) {
    const { ssrc, firstSequence, timestampOffset } = newIdentity(wantedSsrc, masterKey !== undefined, random);
    this.ssrc = ssrc;
    this.timestampOffset = timestampOffset;
    this.srtcp = masterKey && new SrtcpContext(masterKey, ssrc);
    this.#payloader = new JpegPayloader({ ssrc, firstSequence, packetBytes: 0 });
    this.#protector = masterKey && new SrtpProtector(masterKey, ssrc, firstSequence);
    this.#counts = counts;
    this.#countsBefore = { packets: counts.packets, octets: counts.octets };
  }

  get sent(): { readonly packets: number; readonly octets: number } {
    const { packets, octets } = this.#counts;
    return { packets: packets - this.#countsBefore.packets, octets: octets - this.#countsBefore.octets };
  }

  /** How often the sequence number has wrapped, which a receiver of SRTP must know; undefined without encryption. */
  get rollovers(): number | undefined {
    return this.#protector?.rollovers;
  }

  /** The packets of one picture, ready to be sent; valid until the next one. `packetBytes` is that of plain RTP. */
  packetize(form: RtpJpegForm, picture: Uint8Array, capturedAt: MonoUs, packetBytes: number): PacketPlan {
    this.#payloader.packetBytes = packetBytes;
    const plain = this.#payloader.packetize(form, picture, rtpTicksAt(capturedAt, this.timestampOffset));
    return this.#protector?.protect(plain, picture) ?? plain;
  }
}
