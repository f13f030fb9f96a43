import {
  MAX_RTCP_COUNT,
  newRtcpPacket,
  RTCP_HEADER_BYTES,
  RTCP_SOURCE_DESCRIPTION,
  type RtcpHeader,
} from './rtcp-header.ts';

/*
 * RFC 3550 §6.5: chunks, each a source and its items, ended by a zero octet and padded with zeros to 32 bits
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |                              SSRC                             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    CNAME=1    |     length    | text, UTF-8                 ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */

const SSRC_BYTES = 4;
const ITEM_HEADER_BYTES = 2;
const END = 0;
const CNAME = 1;
/** An item's length is one byte. */
const MAX_TEXT_BYTES = 255;

export interface SourceDescription {
  readonly kind: 'source_description';
  readonly sources: readonly { readonly ssrc: number; readonly cname: string }[];
}

/** One chunk with the canonical name, cut to 255 bytes. */
export function sourceDescription(ssrc: number, cname: string): Uint8Array {
  const text = new TextEncoder().encode(cname).subarray(0, MAX_TEXT_BYTES);
  const itemsBytes = ITEM_HEADER_BYTES + text.length + 1;
  const chunkBytes = SSRC_BYTES + Math.ceil(itemsBytes / 4) * 4;
  const view = newRtcpPacket(RTCP_SOURCE_DESCRIPTION, 1, RTCP_HEADER_BYTES + chunkBytes);
  view.setUint32(RTCP_HEADER_BYTES, ssrc);
  const itemAt = RTCP_HEADER_BYTES + SSRC_BYTES;
  view.setUint8(itemAt, CNAME);
  view.setUint8(itemAt + 1, text.length);
  const packet = new Uint8Array(view.buffer);
  packet.set(text, itemAt + ITEM_HEADER_BYTES);
  return packet;
}

/** Read the chunks of the packet at `at` (sources without a CNAME are left out), or undefined when one is cut off. */
export function readSourceDescription(
  view: DataView,
  at: number,
  { count, contentEnd }: RtcpHeader,
): SourceDescription | undefined {
  const sources: { ssrc: number; cname: string }[] = [];
  let next = at + RTCP_HEADER_BYTES;
  for (let chunk = 0; chunk < Math.min(count, MAX_RTCP_COUNT); chunk++) {
    if (next + SSRC_BYTES > contentEnd) return undefined;
    const items = readItems(view, next + SSRC_BYTES, contentEnd);
    if (items === undefined) return undefined;
    if (items.cname !== undefined) sources.push({ ssrc: view.getUint32(next), cname: items.cname });
    next = at + Math.ceil((items.end - at) / 4) * 4;
  }
  return { kind: 'source_description', sources };
}

/** `end` is behind the zero octet that ends the list. */
function readItems(view: DataView, from: number, contentEnd: number): { cname?: string; end: number } | undefined {
  let cname: string | undefined;
  let at = from;
  for (;;) {
    if (at >= contentEnd) return undefined;
    const type = view.getUint8(at);
    if (type === END) return { ...(cname !== undefined && { cname }), end: at + 1 };
    if (at + ITEM_HEADER_BYTES > contentEnd) return undefined;
    const length = view.getUint8(at + 1);
    const textAt = at + ITEM_HEADER_BYTES;
    if (textAt + length > contentEnd) return undefined;
    if (type === CNAME) cname = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + textAt, length));
    at = textAt + length;
  }
}
