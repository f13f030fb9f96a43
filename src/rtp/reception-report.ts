import { type MonoUs, msFromUs } from '../base/units.ts';
import { compactFromMs, compactNtp } from './ntp-time.ts';
import type { ReportBlock } from './rtcp-report-block.ts';
import type { SenderReport } from './rtcp-reports.ts';

/** How one source arrives, since it began or went on with other sequence numbers. */
export interface SourceReception {
  readonly ssrc: number;
  /** Packets that were sent, by their numbers, and those of them that came. */
  readonly expected: number;
  readonly received: number;
  /** With the wraps in its upper 16 bits. */
  readonly highestSequence: number;
  readonly jitterTicks: number;
}

/** A sender report, and when it arrived. */
export interface HeardSenderReport {
  readonly report: SenderReport;
  readonly at: MonoUs;
}

/** What 24 bits with a sign hold. */
const MOST_LOST = 0x7fffff;

/** Makes the blocks of receiver reports (RFC 3550 §6.4.1, §A.3): each tells the loss since the one before. */
export class ReceptionReporter {
  #last: SourceReception | undefined;

  /**
   * The block about `now`'s reception, or undefined when nothing has come since the last one. `heard` is the last report of that
   * source.
   */
  next(reception: SourceReception, heard: HeardSenderReport | undefined, now: MonoUs): ReportBlock | undefined {
    const { ssrc, expected, received, highestSequence, jitterTicks } = reception;
    const before = this.#since(reception);
    if (before.received === received) return undefined;
    this.#last = reception;
    const delayMs = heard === undefined ? 0 : msFromUs(now - heard.at);
    return {
      ssrc,
      fractionLost: fraction(expected - before.expected, received - before.received),
      cumulativeLost: Math.min(MOST_LOST, expected - received),
      highestSequence,
      jitter: jitterTicks,
      lastSenderReport: heard === undefined ? 0 : compactNtp(heard.report.ntp),
      delaySinceLastSenderReport: compactFromMs(delayMs),
    };
  }

  /** What had been received at the last report: nothing of another source, or of another numbering of this one. */
  #since({ ssrc, expected, received }: SourceReception): { expected: number; received: number } {
    const last = this.#last;
    const goesOn = last?.ssrc === ssrc && last.expected <= expected && last.received <= received;
    return goesOn ? last : { expected: 0, received: 0 };
  }
}

/** Of 256; late packets may make up for more than was lost. */
const fraction = (expected: number, received: number): number =>
  expected <= received ? 0 : Math.min(255, Math.floor(((expected - received) * 256) / expected));
