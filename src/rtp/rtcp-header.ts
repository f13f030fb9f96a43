/*
 * The start of every RTCP packet (RFC 3550 §6.4.1)
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|   count |  packet type  |             length            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * `length` is that of the packet in 32-bit words, minus one.
 */

export const RTCP_HEADER_BYTES = 4;

/** Packet types (RFC 3550 §12.1). */
export const RTCP_SENDER_REPORT = 200;
export const RTCP_RECEIVER_REPORT = 201;
export const RTCP_SOURCE_DESCRIPTION = 202;
export const RTCP_GOODBYE = 203;

/** What the five bits of `count` can hold. */
export const MAX_RTCP_COUNT = 31;

const VERSION_2 = 2 << 6;
const VERSION_MASK = 0xc0;
const PADDING = 0x20;
const COUNT_MASK = 0x1f;

export interface RtcpHeader {
  /** Report blocks, chunks or sources in the packet. */
  readonly count: number;
  readonly packetType: number;
  /** Where the packet ends, and where its content does: padding lies between the two. */
  readonly end: number;
  readonly contentEnd: number;
}

/** A packet of `bytes` bytes (a multiple of 4) that is empty but for its header. */
export function newRtcpPacket(packetType: number, count: number, bytes: number): DataView {
  const view = new DataView(new ArrayBuffer(bytes));
  view.setUint8(0, VERSION_2 | count);
  view.setUint8(1, packetType);
  view.setUint16(2, bytes / 4 - 1);
  return view;
}

/** Read the header at `at`, or undefined when there is none, or the packet goes beyond the bytes. */
export function readRtcpHeader(view: DataView, at: number): RtcpHeader | undefined {
  if (at + RTCP_HEADER_BYTES > view.byteLength) return undefined;
  const first = view.getUint8(at);
  const end = at + 4 * (view.getUint16(at + 2) + 1);
  if ((first & VERSION_MASK) !== VERSION_2 || end > view.byteLength) return undefined;
  const padding = (first & PADDING) === 0 ? 0 : view.getUint8(end - 1);
  const contentEnd = end - padding;
  if (contentEnd < at + RTCP_HEADER_BYTES) return undefined;
  return { count: first & COUNT_MASK, packetType: view.getUint8(at + 1), end, contentEnd };
}
