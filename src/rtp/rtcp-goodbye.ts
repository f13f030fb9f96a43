import { newRtcpPacket, RTCP_GOODBYE, RTCP_HEADER_BYTES, type RtcpHeader } from './rtcp-header.ts';

/*
 * RFC 3550 §6.6: sources that leave, and optionally why
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|    SC   |   PT=BYE=203  |             length            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           SSRC, SC of them                    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */

const SSRC_BYTES = 4;

export interface Goodbye {
  readonly kind: 'goodbye';
  readonly ssrcs: readonly number[];
}

export function goodbye(ssrc: number): Uint8Array {
  const view = newRtcpPacket(RTCP_GOODBYE, 1, RTCP_HEADER_BYTES + SSRC_BYTES);
  view.setUint32(RTCP_HEADER_BYTES, ssrc);
  return new Uint8Array(view.buffer);
}

/** Read the sources of the packet at `at` (the reason is left out), or undefined when it is too short for them. */
export function readGoodbye(view: DataView, at: number, { count, contentEnd }: RtcpHeader): Goodbye | undefined {
  const from = at + RTCP_HEADER_BYTES;
  if (from + count * SSRC_BYTES > contentEnd) return undefined;
  return { kind: 'goodbye', ssrcs: Array.from({ length: count }, (_, i) => view.getUint32(from + i * SSRC_BYTES)) };
}
