import { RTP_HEADER_BYTES } from './rtp-header.ts';

/*
 * The RTP header extension of the ONVIF Streaming Specification, "JPEG over RTP": a frame's first packet may carry JPEG
 * marker segments (SOF, DQT, DHT, DRI, SOS), which take precedence over what RFC 2435 can express. So a picture may be
 * larger than 2040 pixels.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | 0xFFD8 first packet, else 0xFFFF|        length in words        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        marker segments                        |
 * |                              ...                              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
const EXTENSION_BIT = 0x10;
const CSRC_COUNT = 0x0f;
const EXTENSION_HEADER_BYTES = 4;
const FIRST_PACKET = 0xffd8;
const LATER_PACKET = 0xffff;

const SOF0 = 0xc0;
const SOF1 = 0xc1;
const DHT = 0xc4;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const APP0 = 0xe0;
const COM = 0xfe;

/** Which kinds of segments an extension brings. */
export interface OnvifSegments {
  /** The segments as they stand in a JPEG, from the first marker on. */
  readonly bytes: Uint8Array;
  readonly hasFrameHeader: boolean;
  readonly hasQuantTables: boolean;
  readonly hasRestartInterval: boolean;
  readonly hasScanHeader: boolean;
  /** Of the components, as its frame header or else its scan header names them; undefined when it has neither. */
  readonly componentIds: readonly number[] | undefined;
}

/**
 * The segments that an RTP packet carries in such an extension, as a view of it; undefined when there are none;
 * `bad_extension` when they cannot be used: torn, of a kind unknown here, or continued in packets that are not a frame's
 * first one. `packet` is one that `readRtpHeader` reads. Never throws.
 */
export function readOnvifExtension(packet: Uint8Array): OnvifSegments | 'bad_extension' | undefined {
  if ((packet[0]! & EXTENSION_BIT) === 0) return undefined;
  const at = RTP_HEADER_BYTES + 4 * (packet[0]! & CSRC_COUNT);
  const profile = (packet[at]! << 8) | packet[at + 1]!;
  const length = 4 * ((packet[at + 2]! << 8) | packet[at + 3]!);
  if (length === 0 || (profile !== FIRST_PACKET && profile !== LATER_PACKET)) return undefined;
  const start = at + EXTENSION_HEADER_BYTES;
  return profile === FIRST_PACKET ? readSegments(packet.subarray(start, start + length)) : 'bad_extension';
}

function readSegments(bytes: Uint8Array): OnvifSegments | 'bad_extension' {
  const found = { hasFrameHeader: false, hasQuantTables: false, hasRestartInterval: false, hasScanHeader: false };
  let frameIds: number[] | undefined;
  let scanIds: number[] | undefined;
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== 0xff) return 'bad_extension';
    const marker = bytes[at + 1];
    if (marker === 0xff || marker === undefined) {
      at += 1; // padding (T.81 §B.1.1.2)
      continue;
    }
    const end = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    // Nothing may follow the scan's header: the scan is in the payload.
    if (!(end >= at + 4 && end <= bytes.length) || found.hasScanHeader) return 'bad_extension';
    if (marker === SOF0 || marker === SOF1) {
      found.hasFrameHeader = true;
      frameIds = idsInFrameHeader(bytes, at);
    } else if (marker === SOS) {
      found.hasScanHeader = true;
      scanIds = idsInScanHeader(bytes, at);
    } else if (marker === DQT) found.hasQuantTables = true;
    else if (marker === DRI) found.hasRestartInterval = true;
    else if (marker !== DHT && marker < APP0 && marker !== COM) return 'bad_extension';
    at = end;
  }
  return { bytes, ...found, componentIds: frameIds ?? scanIds };
}

/** T.81 §B.2.2: ids are three bytes apart, behind precision, size and their number. */
const idsInFrameHeader = (bytes: Uint8Array, at: number): number[] => idsAt(bytes, at + 10, 3, bytes[at + 9] ?? 0);
/** T.81 §B.2.3: ids are two bytes apart, behind their number. */
const idsInScanHeader = (bytes: Uint8Array, at: number): number[] => idsAt(bytes, at + 5, 2, bytes[at + 4] ?? 0);

/** Ids that lie beyond the bytes are 0; whoever walks the segments finds that they are torn. */
const idsAt = (bytes: Uint8Array, at: number, step: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => bytes[at + i * step] ?? 0);
