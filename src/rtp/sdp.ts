import type { LargeSize } from './large-picture-extension.ts';
import { JPEG_CLOCK_HZ, JPEG_PAYLOAD_TYPE } from './rtp-header.ts';

export interface SdpFacts {
  /** `sess-id`: the same as long as it is the same session. */
  readonly sessionId: number;
  /** `sess-version`: grows whenever the description changes. */
  readonly version: number;
  /** Numeric address of the sender. */
  readonly origin: string;
  /** Numeric address and port of the receiver or the multicast group. */
  readonly host: string;
  readonly port: number;
  /** Of a group: how many routers packets pass. */
  readonly multicastTtl?: number | undefined;
  /** Pictures a second at most; left out when unknown. */
  readonly framesPerSecond: number | undefined;
  /** Of pictures larger than 2040 pixels, which the packets cannot say to every receiver. */
  readonly largeSize?: LargeSize | undefined;
  /** Encrypted: the suite, and the key unless the description is for somebody who must not know it. */
  readonly srtp?: { readonly suite: string; readonly inlineKey: string | undefined } | undefined;
  /** False: no reports are sent and none are wanted. */
  readonly hasRtcp?: boolean;
}

/**
 * The description of one JPEG stream (RFC 8866), which a receiver opens as a file. The payload type is the static one
 * of RFC 3551, and the rtpmap says so once more for receivers that ask for it.
 */
export function sdp({ hasRtcp = true, ...facts }: SdpFacts): string {
  const { sessionId, version, origin, host, port, multicastTtl, framesPerSecond, largeSize, srtp } = facts;
  const lines = [
    'v=0',
    `o=- ${sessionId} ${version} ${connection(origin)}`,
    's=cambox',
    `c=${connection(host, multicastTtl)}`,
    't=0 0',
    `m=video ${port} RTP/${srtp === undefined ? 'AVP' : 'SAVP'} ${JPEG_PAYLOAD_TYPE}`,
    // no bandwidth for reports, neither the sender's nor the receivers' (RFC 3556 §2)
    ...(hasRtcp ? [] : ['b=RS:0', 'b=RR:0']),
    `a=rtpmap:${JPEG_PAYLOAD_TYPE} JPEG/${JPEG_CLOCK_HZ}`,
    ...(framesPerSecond === undefined ? [] : [`a=framerate:${Number(framesPerSecond.toFixed(3))}`]),
    ...(largeSize === undefined ? [] : sizeAttributes(largeSize)),
    // RFC 4568 §9.1
    ...(srtp?.inlineKey === undefined ? [] : [`a=crypto:1 ${srtp.suite} inline:${srtp.inlineKey}`]),
    'a=sendonly',
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** `x-dimensions` is what GStreamer and live555 read, `framesize` (3GPP TS 26.234 §5.3.3.2) others. */
const sizeAttributes = ({ width, height }: LargeSize): string[] => [
  `a=x-dimensions:${width},${height}`,
  `a=framesize:${JPEG_PAYLOAD_TYPE} ${width}-${height}`,
];

/**
 * `IN IP4 address` or `IN IP6 address`; a group over IPv4 has its TTL behind it (RFC 8866 §5.7). A zone means nothing to
 * another machine and is left out.
 */
function connection(address: string, multicastTtl?: number): string {
  const [host] = address.split('%', 1) as [string];
  if (host.includes(':')) return `IN IP6 ${host}`;
  return multicastTtl === undefined ? `IN IP4 ${host}` : `IN IP4 ${host}/${multicastTtl}`;
}
