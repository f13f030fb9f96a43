import { type Goodbye, readGoodbye } from './rtcp-goodbye.ts';
import {
  RTCP_GOODBYE,
  RTCP_RECEIVER_REPORT,
  RTCP_SENDER_REPORT,
  RTCP_SOURCE_DESCRIPTION,
  type RtcpHeader,
  readRtcpHeader,
} from './rtcp-header.ts';
import { type ReceiverReport, readReceiverReport, readSenderReport, type SenderReport } from './rtcp-reports.ts';
import { readSourceDescription, type SourceDescription } from './rtcp-source-description.ts';

export type RtcpPacket =
  | SenderReport
  | ReceiverReport
  | SourceDescription
  | Goodbye
  /** APP, feedback (RFC 4585), extended reports: left unread. */
  | { readonly kind: 'other'; readonly packetType: number };

/** The packets of one datagram, one after the other (RFC 3550 §6.1). */
export function rtcpCompound(...packets: readonly Uint8Array[]): Uint8Array {
  const compound = new Uint8Array(packets.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const packet of packets) {
    compound.set(packet, at);
    at += packet.length;
  }
  return compound;
}

/**
 * Read a datagram of RTCP packets, or undefined when it is none: the version, or a length that does not fit (RFC 3550
 * appendix A.2). A packet alone is taken, too (RFC 5506). Never throws.
 */
export function readRtcp(datagram: Uint8Array): RtcpPacket[] | undefined {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const packets: RtcpPacket[] = [];
  let at = 0;
  while (at < view.byteLength) {
    const header = readRtcpHeader(view, at);
    const packet = header && readPacket(view, at, header);
    if (header === undefined || packet === undefined) return undefined;
    packets.push(packet);
    at = header.end;
  }
  return packets.length === 0 ? undefined : packets;
}

function readPacket(view: DataView, at: number, header: RtcpHeader): RtcpPacket | undefined {
  switch (header.packetType) {
    case RTCP_SENDER_REPORT:
      return readSenderReport(view, at, header);
    case RTCP_RECEIVER_REPORT:
      return readReceiverReport(view, at, header);
    case RTCP_SOURCE_DESCRIPTION:
      return readSourceDescription(view, at, header);
    case RTCP_GOODBYE:
      return readGoodbye(view, at, header);
    default:
      return { kind: 'other', packetType: header.packetType };
  }
}
