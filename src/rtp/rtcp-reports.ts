import { type RtpTicks, rtpTicks } from '../base/units.ts';
import type { NtpTime } from './ntp-time.ts';
import {
  MAX_RTCP_COUNT,
  newRtcpPacket,
  RTCP_HEADER_BYTES,
  RTCP_RECEIVER_REPORT,
  RTCP_SENDER_REPORT,
  type RtcpHeader,
} from './rtcp-header.ts';
import { REPORT_BLOCK_BYTES, type ReportBlock, readReportBlock, writeReportBlock } from './rtcp-report-block.ts';

/*
 * Sender report: the sender's own figures, then up to 31 report blocks (RFC 3550 §6.4.1). A receiver report (§6.4.2) is
 * the same without the sender's figures.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|    RC   |   PT=SR=200   |             length            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         SSRC of sender                        |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |              NTP timestamp, most significant word             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |             NTP timestamp, least significant word             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         RTP timestamp                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     sender's packet count                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      sender's octet count                     |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |                    report blocks, 24 bytes each               |
 */

const SSRC_BYTES = 4;
const SENDER_FIGURES_BYTES = 20;

export interface SenderFigures {
  /** When the report was sent. */
  readonly ntp: NtpTime;
  /** The same moment on the clock of the stream's RTP timestamps. */
  readonly timestamp: RtpTicks;
  /** Since the beginning, modulo 2^32; octets are payload without RTP headers. */
  readonly packets: number;
  readonly octets: number;
}

export interface SenderReport extends SenderFigures {
  readonly kind: 'sender_report';
  readonly ssrc: number;
  readonly blocks: readonly ReportBlock[];
}

export interface ReceiverReport {
  readonly kind: 'receiver_report';
  readonly ssrc: number;
  readonly blocks: readonly ReportBlock[];
}

/** At most 31 blocks are taken. */
export function senderReport(ssrc: number, figures: SenderFigures, blocks: readonly ReportBlock[] = []): Uint8Array {
  const view = newReport(RTCP_SENDER_REPORT, ssrc, SENDER_FIGURES_BYTES, blocks);
  view.setUint32(8, figures.ntp.seconds);
  view.setUint32(12, figures.ntp.fraction);
  view.setUint32(16, figures.timestamp);
  view.setUint32(20, figures.packets);
  view.setUint32(24, figures.octets);
  return new Uint8Array(view.buffer);
}

/** At most 31 blocks are taken. */
export const receiverReport = (ssrc: number, blocks: readonly ReportBlock[] = []): Uint8Array =>
  new Uint8Array(newReport(RTCP_RECEIVER_REPORT, ssrc, 0, blocks).buffer);

function newReport(type: number, ssrc: number, figuresBytes: number, blocks: readonly ReportBlock[]): DataView {
  const taken = blocks.slice(0, MAX_RTCP_COUNT);
  const blocksAt = RTCP_HEADER_BYTES + SSRC_BYTES + figuresBytes;
  const view = newRtcpPacket(type, taken.length, blocksAt + taken.length * REPORT_BLOCK_BYTES);
  view.setUint32(RTCP_HEADER_BYTES, ssrc);
  for (const [i, block] of taken.entries()) writeReportBlock(view, blocksAt + i * REPORT_BLOCK_BYTES, block);
  return view;
}

/** Read the content of the packet at `at`, or undefined when it is too short for what it announces. */
export function readSenderReport(view: DataView, at: number, header: RtcpHeader): SenderReport | undefined {
  const blocksAt = at + RTCP_HEADER_BYTES + SSRC_BYTES + SENDER_FIGURES_BYTES;
  const blocks = readBlocks(view, blocksAt, header);
  if (blocks === undefined) return undefined;
  return {
    kind: 'sender_report',
    ssrc: view.getUint32(at + 4),
    ntp: { seconds: view.getUint32(at + 8), fraction: view.getUint32(at + 12) },
    timestamp: rtpTicks(view.getUint32(at + 16)),
    packets: view.getUint32(at + 20),
    octets: view.getUint32(at + 24),
    blocks,
  };
}

/** Read the content of the packet at `at`, or undefined when it is too short for what it announces. */
export function readReceiverReport(view: DataView, at: number, header: RtcpHeader): ReceiverReport | undefined {
  const blocks = readBlocks(view, at + RTCP_HEADER_BYTES + SSRC_BYTES, header);
  return blocks === undefined ? undefined : { kind: 'receiver_report', ssrc: view.getUint32(at + 4), blocks };
}

/** What follows the blocks are extensions of a profile (RFC 3550 §6.4.3), which nobody here knows. */
function readBlocks(view: DataView, at: number, { count, contentEnd }: RtcpHeader): ReportBlock[] | undefined {
  if (at + count * REPORT_BLOCK_BYTES > contentEnd) return undefined;
  return Array.from({ length: count }, (_, i) => readReportBlock(view, at + i * REPORT_BLOCK_BYTES));
}
