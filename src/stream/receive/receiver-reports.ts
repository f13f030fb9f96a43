import type { Clock } from '../../base/clock.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import { type MonoUs, secondsFromUs } from '../../base/units.ts';
import { errnoName } from '../../native/errno.ts';
import { type HeardSenderReport, ReceptionReporter, type SourceReception } from '../../rtp/reception-report.ts';
import { type RtcpPacket, rtcpCompound } from '../../rtp/rtcp-compound.ts';
import { goodbye } from '../../rtp/rtcp-goodbye.ts';
import type { ReportBlock } from '../../rtp/rtcp-report-block.ts';
import { receiverReport } from '../../rtp/rtcp-reports.ts';
import { sourceDescription } from '../../rtp/rtcp-source-description.ts';
import { newCname } from '../cname.ts';
import { RtcpTimer } from '../rtcp-timer.ts';
import type { SrtcpContext } from '../srtp/srtcp-context.ts';
import { Members } from './members.ts';

/** From so many participants on, a goodbye would have to be delayed (RFC 3550 §6.3.7): it is left out. */
const MAX_MEMBERS_AT_GOODBYE = 50;
/** A participant that is silent for so many intervals is gone (RFC 3550 §6.3.5). */
const SILENT_INTERVALS = 5;

export interface ReceiverReportsDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Our own SSRC. */
  readonly ssrc: number;
  /** Encoded address of the group, in which all reports go to all; undefined: to the sender alone. */
  readonly group: Uint8Array | undefined;
  /** Of the source that is followed, and what it said last. */
  readonly reception: () => SourceReception | undefined;
  readonly senderReport: () => HeardSenderReport | undefined;
  /** Payload bytes received in all. */
  readonly octets: () => number;
  /** Protects what is sent; undefined: it goes in the clear. */
  readonly srtcp: SrtcpContext | undefined;
  /** Answers 0 or the errno. */
  readonly send: (datagram: Uint8Array, to: Uint8Array) => number;
}

/**
 * Tells the sender how its stream arrives: receiver reports (RFC 3550 §6.4.2) at the times of §6.2, from the first sender report
 * on, and a goodbye.
 */
export class ReceiverReports {
  /** Datagrams that were sent; those that the kernel refused, by errno. */
  sent = 0;
  readonly unsent = new ReasonCounts<string>();
  readonly #deps: ReceiverReportsDeps;
  readonly #cname: string;
  readonly #members = new Members();
  readonly #reporter = new ReceptionReporter();
  readonly #timer: RtcpTimer;
  /** Where the last sender report came from, or the group. */
  #to: Uint8Array | undefined;
  /** When reports began, and what had been received by then. */
  #begin: { readonly at: MonoUs; readonly octets: number } | undefined;
  #hasLeft = false;

  constructor(deps: ReceiverReportsDeps) {
    this.#deps = deps;
    this.#cname = newCname(deps.random);
    this.#timer = new RtcpTimer({
      ...deps,
      isSender: false,
      members: () => 1 + this.#members.count,
      sessionBytesPerSecond: () => this.#bytesPerSecond(),
      onDue: () => this.#report(),
    });
  }

  /** Somebody's datagram of RTCP came, `bytes` long. In a group, our own come back to us. */
  note(packets: readonly RtcpPacket[], bytes: number, now: MonoUs): void {
    this.#timer.noteSize(bytes);
    for (const packet of packets) {
      if ('ssrc' in packet && packet.ssrc !== this.#deps.ssrc) this.#members.note(packet.ssrc, now);
      if (packet.kind === 'goodbye') for (const ssrc of packet.ssrcs) this.#members.remove(ssrc);
    }
  }

  /** The sender reports from this encoded address: there it hears us, too. */
  answer(from: Uint8Array, now: MonoUs): void {
    this.#to = this.#deps.group ?? from;
    if (this.#begin !== undefined || this.#hasLeft) return;
    this.#begin = { at: now, octets: this.#deps.octets() };
    this.#timer.start(true); // not at once: there is little to tell yet
  }

  /** Tell the last figures and say goodbye, if anything was said before (RFC 3550 §6.3.7). Nothing is sent behind it. */
  leave(): void {
    this.#timer.stop();
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    if (this.sent > 0 && 1 + this.#members.count < MAX_MEMBERS_AT_GOODBYE) this.#send(goodbye(this.#deps.ssrc));
  }

  #bytesPerSecond(): number {
    const { clock, octets } = this.#deps;
    const begin = this.#begin;
    const elapsedS = begin === undefined ? 0 : secondsFromUs(clock.now() - begin.at);
    return begin === undefined || elapsedS <= 0 ? 0 : (octets() - begin.octets) / elapsedS;
  }

  #report(): void {
    this.#members.removeSilent(this.#deps.clock.now(), SILENT_INTERVALS * this.#timer.intervalUs);
    this.#send();
  }

  /** A compound begins with a report, which may be empty, and names us (RFC 3550 §6.1). */
  #send(...more: readonly Uint8Array[]): void {
    const { ssrc, srtcp, send } = this.#deps;
    if (this.#to === undefined) return;
    const compound = rtcpCompound(receiverReport(ssrc, this.#blocks()), sourceDescription(ssrc, this.#cname), ...more);
    const datagram = srtcp?.protect(compound) ?? compound;
    this.#timer.noteSize(datagram.length);
    const errno = send(datagram, this.#to);
    if (errno === 0) this.sent += 1;
    else this.unsent.add(errnoName(errno));
  }

  #blocks(): ReportBlock[] {
    const { reception, senderReport, clock } = this.#deps;
    const source = reception();
    const block = source && this.#reporter.next(source, senderReport(), clock.now());
    return block === undefined ? [] : [block];
  }
}
