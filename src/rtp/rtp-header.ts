import { type RtpTicks, rtpTicks } from '../base/units.ts';

/*
 * RFC 3550 §5.1
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           timestamp                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           synchronization source (SSRC) identifier            |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |            contributing source (CSRC) identifiers             |
 * |                             ....                              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */

/** The fixed header, as we send it: no CSRC list, no padding. */
export const RTP_HEADER_BYTES = 12;
/** RTP/AVP's static payload type of JPEG (RFC 3551 §6, table 5). */
export const JPEG_PAYLOAD_TYPE = 26;
/** Ticks of a JPEG stream's timestamps a second (RFC 2435 §3). */
export const JPEG_CLOCK_HZ = 90_000;

const VERSION_2 = 2 << 6;
const PADDING = 0x20;
const EXTENSION = 0x10;
const CSRC_COUNT = 0x0f;
const MARKER = 0x80;

export interface RtpHeader {
  readonly marker: boolean;
  /** 7 bits. */
  readonly payloadType: number;
  /** 16 bits. */
  readonly sequence: number;
  readonly timestamp: RtpTicks;
  /** 32 bits. */
  readonly ssrc: number;
}

/** Write a header of RTP_HEADER_BYTES at `at`. Plain arguments: this runs once a packet and allocates nothing. */
export function writeRtpHeader(
  view: DataView,
  at: number,
  payloadType: number,
  marker: boolean,
  sequence: number,
  timestamp: RtpTicks,
  ssrc: number,
): void {
  view.setUint16(at, (VERSION_2 << 8) | (marker ? MARKER : 0) | payloadType);
  view.setUint16(at + 2, sequence);
  view.setUint32(at + 4, timestamp);
  view.setUint32(at + 8, ssrc);
}

/** Say in a written header that an extension follows it (RFC 3550 §5.3.1). */
export function announceExtension(view: DataView, at: number): void {
  view.setUint8(at, view.getUint8(at) | EXTENSION);
}

/** Why bytes are not an RTP packet. */
export type RtpFault = 'too_short' | 'bad_version';

/**
 * Where a packet's payload begins: behind the CSRC list and the header extension (§5.3.1). A multiple of 4, and not beyond the
 * packet's end. Never throws.
 */
export function rtpPayloadStart(packet: Uint8Array): number | RtpFault {
  if (packet.length < RTP_HEADER_BYTES) return 'too_short';
  const first = packet[0]!;
  if ((first & 0xc0) !== VERSION_2) return 'bad_version';
  let start = RTP_HEADER_BYTES + 4 * (first & CSRC_COUNT);
  if ((first & EXTENSION) !== 0) {
    if (start + 4 > packet.length) return 'too_short';
    start += 4 + 4 * ((packet[start + 2]! << 8) | packet[start + 3]!);
  }
  return start > packet.length ? 'too_short' : start;
}

/**
 * Read a header. The payload is `[payloadStart, payloadEnd)`: CSRC list, header extension (§5.3.1) and padding lie
 * outside. Never throws.
 */
export function readRtpHeader(
  packet: Uint8Array,
): (RtpHeader & { payloadStart: number; payloadEnd: number }) | RtpFault {
  const payloadStart = rtpPayloadStart(packet);
  if (typeof payloadStart === 'string') return payloadStart;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const second = view.getUint8(1);
  const padding = (view.getUint8(0) & PADDING) !== 0 ? view.getUint8(packet.length - 1) : 0;
  const payloadEnd = packet.length - padding;
  if (payloadStart > payloadEnd) return 'too_short';
  return {
    marker: (second & MARKER) !== 0,
    payloadType: second & 0x7f,
    sequence: view.getUint16(2),
    timestamp: rtpTicks(view.getUint32(4)),
    ssrc: view.getUint32(8),
    payloadStart,
    payloadEnd,
  };
}
