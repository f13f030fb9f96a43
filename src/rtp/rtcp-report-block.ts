/*
 * How one source is received (RFC 3550 §6.4.1)
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                              SSRC                             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | fraction lost |       cumulative number of packets lost       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           extended highest sequence number received           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      interarrival jitter                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         last SR (LSR)                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                   delay since last SR (DLSR)                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */

export const REPORT_BLOCK_BYTES = 24;

export interface ReportBlock {
  /** The source this is about. */
  readonly ssrc: number;
  /** Part of the packets that were lost since the last report, 0 to 255, in 1/256. */
  readonly fractionLost: number;
  /** Expected minus received since the beginning: signed, 24 bits; duplicates can make it negative. */
  readonly cumulativeLost: number;
  /** How often the sequence number has wrapped (upper 16 bits), and the highest one. */
  readonly highestSequence: number;
  /** In RTP clock ticks. */
  readonly jitter: number;
  /** `compactNtp` of the last sender report that arrived; 0 when none has. */
  readonly lastSenderReport: number;
  /** Between its arrival and this report, in 1/65536 seconds. */
  readonly delaySinceLastSenderReport: number;
}

/** Write a block of REPORT_BLOCK_BYTES at `at`. */
export function writeReportBlock(view: DataView, at: number, block: ReportBlock): void {
  view.setUint32(at, block.ssrc);
  view.setUint32(at + 4, (block.fractionLost << 24) | (block.cumulativeLost & 0xffffff));
  view.setUint32(at + 8, block.highestSequence);
  view.setUint32(at + 12, block.jitter);
  view.setUint32(at + 16, block.lastSenderReport);
  view.setUint32(at + 20, block.delaySinceLastSenderReport);
}

/** Read the block at `at`; the bytes must be there. */
export function readReportBlock(view: DataView, at: number): ReportBlock {
  const loss = view.getInt32(at + 4);
  return {
    ssrc: view.getUint32(at),
    fractionLost: loss >>> 24,
    cumulativeLost: (loss << 8) >> 8,
    highestSequence: view.getUint32(at + 8),
    jitter: view.getUint32(at + 12),
    lastSenderReport: view.getUint32(at + 16),
    delaySinceLastSenderReport: view.getUint32(at + 20),
  };
}
