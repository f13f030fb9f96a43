import { type MonoUs, msFromUs } from '../base/units.ts';
import { msFromCompact } from '../rtp/ntp-time.ts';
import type { ReportBlock } from '../rtp/rtcp-report-block.ts';
import { JPEG_CLOCK_HZ } from '../rtp/rtp-header.ts';
import type { SentReports } from './sent-reports.ts';

/** A multicast group may have more: those are not told apart, only counted. */
const MAX_RECEIVERS = 64;

/** How a stream arrives; where several receivers report, the worst of them. */
export interface RemoteQuality {
  /** Receivers that have reported lately. */
  readonly receivers: number;
  /** Of the packets between the last two reports. */
  readonly lossPct: number;
  /** Since the beginning; 0 where duplicates make it negative. */
  readonly lostPackets: number;
  /** RFC 3550 §6.4.1. */
  readonly jitterMs: number;
  /** There and back; undefined until a receiver has answered a sender report. */
  readonly rttMs: number | undefined;
}

interface Receiver {
  readonly heardAt: MonoUs;
  readonly block: ReportBlock;
  readonly rttMs: number | undefined;
}

/** The receivers of one stream, as their RTCP reports tell. */
export class RemoteReceivers {
  readonly #receivers = new Map<number, Receiver>();
  /** Reports of receivers beyond MAX_RECEIVERS. */
  ignored = 0;

  get count(): number {
    return this.#receivers.size;
  }

  /**
   * Take in what receiver `ssrc` says about our stream. The round trip is measured on our monotonic clock, so neither
   * clock need be right: now, minus when the report it answers was sent, minus the receiver's delay (RFC 3550 §6.4.1).
   */
  note(ssrc: number, block: ReportBlock, now: MonoUs, sentReports: SentReports): void {
    const known = this.#receivers.get(ssrc);
    if (known === undefined && this.#receivers.size === MAX_RECEIVERS) {
      this.ignored += 1;
      return;
    }
    const sentAt = block.lastSenderReport === 0 ? undefined : sentReports.sentAt(block.lastSenderReport);
    const delayMs = msFromCompact(block.delaySinceLastSenderReport);
    const rttMs = sentAt === undefined ? known?.rttMs : Math.max(0, msFromUs(now - sentAt) - delayMs);
    this.#receivers.set(ssrc, { heardAt: now, block, rttMs });
  }

  /** It said goodbye. */
  remove(ssrc: number): void {
    this.#receivers.delete(ssrc);
  }

  /** Forget whom nobody has heard for so long. */
  removeSilent(now: MonoUs, silentUs: number): void {
    for (const [ssrc, { heardAt }] of this.#receivers) {
      if (now - heardAt > silentUs) this.#receivers.delete(ssrc);
    }
  }

  /** Undefined when no receiver reports. */
  quality(): RemoteQuality | undefined {
    const receivers = [...this.#receivers.values()];
    if (receivers.length === 0) return undefined;
    const worst = (of: (receiver: Receiver) => number): number => Math.max(...receivers.map(of));
    const roundTrips = receivers.flatMap(({ rttMs }) => (rttMs === undefined ? [] : [rttMs]));
    return {
      receivers: receivers.length,
      lossPct: worst(({ block }) => (block.fractionLost * 100) / 256),
      lostPackets: Math.max(
        0,
        worst(({ block }) => block.cumulativeLost),
      ),
      jitterMs: worst(({ block }) => (block.jitter * 1000) / JPEG_CLOCK_HZ),
      rttMs: roundTrips.length === 0 ? undefined : Math.max(...roundTrips),
    };
  }
}
