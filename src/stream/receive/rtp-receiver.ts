import type { Clock } from '../../base/clock.ts';
import { asCamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { ReasonCounts } from '../../base/reason-counts.ts';
import type { MonoUs } from '../../base/units.ts';
import { encodeSocketAddress } from '../../native/socket-address.ts';
import { JpegDepayloader } from '../../rtp/jpeg-depayloader.ts';
import type { ReceivedPicture } from '../../rtp/jpeg-frame-assembler.ts';
import type { PictureSize } from '../../rtp/jpeg-head-memory.ts';
import type { ReceptionCounts } from '../../rtp/reception-counts.ts';
import type { SourceReception } from '../../rtp/reception-report.ts';
import type { SenderReport } from '../../rtp/rtcp-reports.ts';
import { RtpTimeline } from '../../rtp/rtp-timeline.ts';
import type { SrtpMasterKey } from '../srtp/session-keys.ts';
import { kernelDrops } from './kernel-drops.ts';
import { OtherPayloads } from './other-payloads.ts';
import { ReceiverReports } from './receiver-reports.ts';
import { type FollowedSource, RtcpIntake } from './rtcp-intake.ts';
import { SrtpIntake } from './srtp-intake.ts';
import { type Group, type InletHandler, UdpInlet } from './udp-inlet.ts';

export interface ReceiveFrom {
  readonly port: number;
  /** Undefined: none. The same as `port`: both on one socket (RFC 5761). */
  readonly rtcpPort: number | undefined;
  /** The multicast group to join. */
  readonly group: Group | undefined;
  readonly payloadType: number;
  readonly size: PictureSize | undefined;
  /** Undefined: packets come in the clear. */
  readonly masterKey: SrtpMasterKey | undefined;
  /** Tell the sender how its stream arrives. */
  readonly sendsReports: boolean;
}

/** A picture with its time. The bytes are only lent: copy them before the callback returns. */
export interface ReceivedFrame extends ReceivedPicture {
  /** On our monotonic clock; strictly later than that of the frame before (RtpTimeline). */
  readonly capturedAt: MonoUs;
  /** Counts the frames that were sent: a step of more than one is a gap. */
  readonly sequence: number;
}

/** The source has said goodbye, and what it sent before has been received; or the kernel has given up the socket. */
export type ReceiverEnd = 'goodbye' | 'socket_failed';

export interface ReceiverDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onFrame: (frame: ReceivedFrame) => void;
}

/** Where packets are missing, those behind them are let go in time even when no more come. */
const TICK_MS = 50;

/** Packet types of RTCP where it comes on the port of RTP: there, marker and payload type (RFC 5761 §4). */
const FIRST_RTCP_TYPE = 192;
const LAST_RTCP_TYPE = 223;

/** Receives one RTP/JPEG stream: sockets, time, and what the sender says over RTCP around a JpegDepayloader. */
export class RtpReceiver implements FollowedSource, Disposable {
  readonly port: number;
  readonly ended: Promise<ReceiverEnd>;
  /** What is refused of an encrypted stream; undefined when it is in the clear. */
  readonly srtp: SrtpIntake | undefined;
  /** Packets that carry something else, or the stream under another number. */
  readonly otherPayloads: OtherPayloads;
  readonly #deps: ReceiverDeps;
  readonly #depayloader: JpegDepayloader;
  readonly #timeline = new RtpTimeline();
  readonly #end = Promise.withResolvers<ReceiverEnd>();
  readonly #rtp: UdpInlet;
  /** Undefined where RTCP comes on the port of RTP, or not at all. */
  readonly #rtcp: UdpInlet | undefined;
  readonly #rtcpIntake: RtcpIntake;
  readonly #openedAt: MonoUs;
  /** Of the packet that was read last. */
  #arrivedAt: MonoUs;
  /** Whose clock the timeline follows. */
  #clockOf: number | undefined;
  #cancelTick: (() => void) | undefined;
  #drops: number | undefined;
  #isClosed = false;

  /**
   * Listen for one stream. Throws `in_use` (another program has the port), `bad_argument` (there is no such interface),
   * `network` (the port cannot be bound, the group not joined). Without the port of RTCP it goes on: only there does the sender tell that it ends.
   */
  constructor(from: ReceiveFrom, deps: ReceiverDeps) {
    const { port, group, payloadType, size, masterKey } = from;
    const ownSsrc = Math.floor(deps.random() * 2 ** 32);
    this.port = port;
    this.ended = this.#end.promise;
    this.#deps = deps;
    this.srtp = masterKey && new SrtpIntake(masterKey, ownSsrc, deps);
    this.#openedAt = this.#arrivedAt = deps.clock.now();
    this.otherPayloads = new OtherPayloads(payloadType, deps);
    this.#depayloader = new JpegDepayloader({
      payloadType,
      size,
      onPicture: (picture) => this.#onPicture(picture),
      onOtherPayload: (other) => this.otherPayloads.note(other),
    });
    const rtp: InletHandler = {
      take: (packet, arrivedAt) => this.#onPacket(packet, arrivedAt),
      broke: () => this.#end.resolve('socket_failed'),
    };
    this.#rtcpIntake = new RtcpIntake(this, this.srtp, () => this.#tickLater());
    // RTCP first: whoever sees us listen for RTP and sends at once is not to lose its goodbye.
    this.#rtcp = this.#openRtcp(from);
    try {
      this.#rtp = UdpInlet.open(port, group, rtp, deps);
    } catch (failure) {
      this.#rtcp?.[Symbol.dispose]();
      throw failure;
    }
    const out = from.rtcpPort === port ? this.#rtp : this.#rtcp;
    if (from.sendsReports && out !== undefined) this.#rtcpIntake.reports = this.#reportBy(out, ownSsrc, from);
  }

  get counts(): ReceptionCounts {
    return this.#depayloader.counts;
  }

  /** Of the source that is followed. */
  get ssrc(): number | undefined {
    return this.#depayloader.ssrc;
  }

  /** When a packet of that source came last, or when we began to listen. */
  get heardAt(): MonoUs {
    return this.#depayloader.heardAt ?? this.#openedAt;
  }

  /** How that source arrives. */
  get reception(): SourceReception | undefined {
    return this.#depayloader.reception;
  }

  /** What that source said last of itself. */
  get senderReport(): SenderReport | undefined {
    return this.#rtcpIntake.senderReport?.report;
  }

  /** Undefined when none are sent. */
  get reports(): ReceiverReports | undefined {
    return this.#rtcpIntake.reports;
  }

  /** Of the socket for RTP. */
  get receiveBufferBytes(): number {
    return this.#rtp.receiveBufferBytes;
  }

  /** Failed reads from the socket for RTP by the name of their errno. */
  get socketErrors(): ReasonCounts<string> {
    return this.#rtp.errors;
  }

  /** Packets that were lost here, in the kernel, as they came faster than they were read; undefined: not known. */
  get kernelDrops(): number | undefined {
    return this.#isClosed ? this.#drops : kernelDrops(this.port);
  }

  /** Take nothing more. What has arrived, or waited for missing packets, still comes out. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#drops = this.kernelDrops;
    this.#isClosed = true;
    this.#rtp.read();
    this.#rtcp?.read();
    this.#depayloader.flush();
    this.#cancelTick?.();
    this.reports?.leave();
    this.#rtp[Symbol.dispose]();
    this.#rtcp?.[Symbol.dispose]();
  }

  #openRtcp({ port, rtcpPort, group }: ReceiveFrom): UdpInlet | undefined {
    if (rtcpPort === undefined || rtcpPort === port) return undefined;
    try {
      const take = (datagram: Uint8Array, at: MonoUs): void => this.#rtcpIntake.take(datagram, at, () => inlet.sender);
      // When it breaks, as when there is none: it only tells that the sender ends.
      const inlet = UdpInlet.open(rtcpPort, group, { take, broke: () => undefined }, this.#deps);
      return inlet;
    } catch (failure) {
      const { message } = asCamboxError(failure, 'listen for', 'RTCP');
      this.#deps.logger.warn('rtcp_unavailable', { port: rtcpPort, reason: message });
      return undefined;
    }
  }

  #reportBy(out: UdpInlet, ssrc: number, { group, port, rtcpPort }: ReceiveFrom): ReceiverReports {
    return new ReceiverReports({
      ...this.#deps,
      ssrc,
      group: group && encodeSocketAddress({ address: group.address, port: rtcpPort ?? port }),
      reception: () => this.reception,
      senderReport: () => this.#rtcpIntake.senderReport,
      octets: () => this.counts.octets,
      srtcp: this.srtp?.srtcp,
      send: (datagram, to) => out.send(datagram, to),
    });
  }

  #onPacket(packet: Uint8Array, arrivedAt: MonoUs): void {
    if (isRtcp(packet)) {
      this.#rtcpIntake.take(packet, arrivedAt, () => this.#rtp.sender);
      return;
    }
    const clear = this.srtp === undefined ? packet : this.srtp.rtp(packet);
    if (clear === undefined) return;
    this.#arrivedAt = arrivedAt;
    this.#depayloader.push(clear, arrivedAt);
    if (this.#depayloader.isWaiting) this.#tickLater();
  }

  #onPicture(picture: ReceivedPicture): void {
    const { counts } = this;
    if (picture.ssrc !== this.#clockOf) this.#timeline.changeClock();
    this.#clockOf = picture.ssrc;
    const capturedAt = this.#timeline.at(picture.timestamp, this.#arrivedAt);
    const sequence = counts.frames + counts.lost_frames + counts.refused.total;
    this.#deps.onFrame({ ...picture, capturedAt, sequence });
  }

  /** Time is looked at only while something depends on it: a stream without loss costs no timer. */
  #tickLater(): void {
    if (this.#isClosed) return;
    this.#cancelTick ??= this.#deps.clock.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    this.#cancelTick = undefined;
    const now = this.#deps.clock.now();
    this.#depayloader.expire(now);
    const presence = this.#rtcpIntake.presence(now);
    if (presence === 'gone') {
      this.#depayloader.end();
      this.#end.resolve('goodbye');
    } else if (presence === 'leaving' || this.#depayloader.isWaiting) {
      this.#tickLater();
    }
  }
}

const isRtcp = (packet: Uint8Array): boolean => {
  const type = packet[1] ?? 0;
  return type >= FIRST_RTCP_TYPE && type <= LAST_RTCP_TYPE;
};
