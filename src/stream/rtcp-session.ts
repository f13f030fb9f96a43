import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { type MonoUs, type RtpTicks, rtpTicksAt, secondsFromUs } from '../base/units.ts';
import { errnoName } from '../native/errno.ts';
import { isMulticast, type SocketAddress } from '../native/socket-address.ts';
import { compactNtp, ntpTimeOf } from '../rtp/ntp-time.ts';
import { readRtcp, rtcpCompound } from '../rtp/rtcp-compound.ts';
import { goodbye } from '../rtp/rtcp-goodbye.ts';
import type { ReportBlock } from '../rtp/rtcp-report-block.ts';
import { receiverReport, senderReport } from '../rtp/rtcp-reports.ts';
import { sourceDescription } from '../rtp/rtcp-source-description.ts';
import { RemoteReceivers } from './remote-receivers.ts';
import { type RtcpOptions, RtcpSocket } from './rtcp-socket.ts';
import { RtcpTimer } from './rtcp-timer.ts';
import { SentReports } from './sent-reports.ts';
import type { SrtcpContext } from './srtp/srtcp-context.ts';

/** Many receivers read RTCP before RTP: the goodbye waits until they have read the last frame. */
const LINGER_MS = 100;
/** From so many participants on, a goodbye would have to be delayed (RFC 3550 §6.3.7): it is left out. */
const MAX_MEMBERS_AT_GOODBYE = 50;
/** A participant that is silent for so many intervals is gone (RFC 3550 §6.3.5). */
const SILENT_INTERVALS = 5;

/** What is reported on. */
export interface ReportedSource {
  readonly ssrc: number;
  /** Its RTP timestamps are the monotonic clock's ticks plus this. */
  readonly timestampOffset: RtpTicks;
  /** Since it began. */
  readonly sent: { readonly packets: number; readonly octets: number };
  /** Protects what is sent and opens what comes; undefined: all is in the clear. */
  readonly srtcp?: SrtcpContext | undefined;
}

export interface RtcpDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Names this machine in all its streams, so that receivers can synchronise them (RFC 3550 §6.5.1). */
  readonly cname: string;
  /** A datagram could not be sent. */
  readonly onSendFailed: (errno: string) => void;
}

/**
 * The RTCP side of a stream to one address (RFC 3550 §6): tells receivers which wall clock time its timestamps mean, hears
 * from them how it arrives, and says goodbye.
 */
export class RtcpSession implements AsyncDisposable {
  readonly receivers = new RemoteReceivers();
  /** Datagrams that came and were no RTCP, or not authentic. */
  unreadable = 0;
  readonly #socket: RtcpSocket;
  readonly #isGroup: boolean;
  #source: ReportedSource;
  readonly #deps: RtcpDeps;
  readonly #timer: RtcpTimer;
  readonly #sentReports = new SentReports();
  #startedAt: MonoUs | undefined;
  /** RTP packets sent by the time of the last report and of the one before it. */
  #packetsAtReports: readonly [last: number, secondLast: number] = [0, 0];
  #closed: Promise<void> | undefined;

  /** Nothing is sent before `begin`. Throws as `RtcpSocket.open` does. */
  constructor(rtpTarget: SocketAddress, options: RtcpOptions, source: ReportedSource, deps: RtcpDeps) {
    this.#isGroup = isMulticast(rtpTarget.address);
    this.#source = source;
    this.#deps = deps;
    this.#timer = new RtcpTimer({
      clock: deps.clock,
      random: deps.random,
      isSender: true,
      members: () => 1 + this.receivers.count,
      sessionBytesPerSecond: () => this.#bytesPerSecond(),
      onDue: () => this.#report(),
    });
    this.#socket = RtcpSocket.open(rtpTarget, options, (datagram) => this.#take(datagram), deps.logger);
  }

  /** Where receivers may send their reports. */
  get localPort(): number {
    return this.#socket.localPort;
  }

  /** The first RTP packets have left. Later calls do nothing. */
  begin(): void {
    if (this.#startedAt !== undefined || this.#closed !== undefined) return;
    this.#startedAt = this.#deps.clock.now();
    this.#timer.start(this.#isGroup);
  }

  /** From now on report on another source of the same stream. */
  follow(source: ReportedSource): void {
    this.#source = source;
    this.#packetsAtReports = [0, 0];
  }

  /** Since the beginning; good enough for intervals that are seconds long. */
  #bytesPerSecond(): number {
    const elapsedS = secondsFromUs(this.#deps.clock.now() - (this.#startedAt ?? 0));
    return elapsedS > 0 ? this.#source.sent.octets / elapsedS : 0;
  }

  #report(): void {
    this.receivers.removeSilent(this.#deps.clock.now(), SILENT_INTERVALS * this.#timer.intervalUs);
    this.#send(rtcpCompound(this.#ownReport(), this.#description()));
  }

  /** A sender report as long as RTP was sent since the report before the last one, else a receiver's (RFC 3550 §6.4). */
  #ownReport(): Uint8Array {
    const { ssrc, timestampOffset, sent } = this.#source;
    const [last, secondLast] = this.#packetsAtReports;
    this.#packetsAtReports = [sent.packets, last];
    if (sent.packets === secondLast) return receiverReport(ssrc);
    const { clock } = this.#deps;
    const now = clock.now();
    const ntp = ntpTimeOf(clock.wall());
    this.#sentReports.note(compactNtp(ntp), now);
    const timestamp = rtpTicksAt(now, timestampOffset);
    return senderReport(ssrc, { ntp, timestamp, ...sent });
  }

  #description(): Uint8Array {
    return sourceDescription(this.#source.ssrc, this.#deps.cname);
  }

  #send(compound: Uint8Array): void {
    const datagram = this.#source.srtcp?.protect(compound) ?? compound;
    this.#timer.noteSize(datagram.length);
    const errno = this.#socket.send(datagram);
    if (errno !== 0) this.#deps.onSendFailed(errnoName(errno));
  }

  #take(datagram: Uint8Array): void {
    this.#timer.noteSize(datagram.length);
    const { srtcp } = this.#source;
    const compound = srtcp === undefined ? datagram : srtcp.unprotect(datagram);
    const packets = typeof compound === 'string' ? undefined : readRtcp(compound);
    if (packets === undefined) this.unreadable += 1;
    for (const packet of packets ?? []) {
      if (packet.kind === 'goodbye') for (const ssrc of packet.ssrcs) this.receivers.remove(ssrc);
      if ('blocks' in packet) for (const block of packet.blocks) this.#hear(packet.ssrc, block);
    }
  }

  #hear(from: number, block: ReportBlock): void {
    if (block.ssrc !== this.#source.ssrc) return;
    this.receivers.note(from, block, this.#deps.clock.now(), this.#sentReports);
  }

  /** Says goodbye, if anything was said before (RFC 3550 §6.3.7), and closes the socket. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#timer.stop();
    if (this.#startedAt !== undefined && 1 + this.receivers.count < MAX_MEMBERS_AT_GOODBYE) {
      await this.#deps.clock.sleep(LINGER_MS);
      this.#send(rtcpCompound(this.#ownReport(), this.#description(), goodbye(this.#source.ssrc)));
    }
    this.#socket[Symbol.dispose]();
  }
}
