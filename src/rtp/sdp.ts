import type { LargeSize } from './large-picture-extension.ts';
import { JPEG_CLOCK_HZ, JPEG_PAYLOAD_TYPE } from './rtp-header.ts';

export interface SdpFacts {
  /** `sess-id`: the same as long as it is the same session. */
  readonly sessionId: number;
  /** `sess-version`: grows whenever the description changes. */
  readonly version: number;
  /** Numeric address of the sender. */
  readonly origin: string;
  /** Numeric unicast address and port of the receiver. */
  readonly host: string;
  readonly port: number;
  /** Pictures a second; left out when unknown. */
  readonly framesPerSecond: number | undefined;
  /** Of pictures larger than 2040 pixels, which the packets cannot say to every receiver. */
  readonly largeSize?: LargeSize | undefined;
  /** False: no reports are sent and none are wanted. */
  readonly hasRtcp?: boolean;
}

/**
 * The description of one JPEG stream (RFC 8866), which a receiver opens as a file. The payload type is the static one
 * of RFC 3551, and the rtpmap says so once more for receivers that ask for it.
 */
export function sdp({
  sessionId,
  version,
  origin,
  host,
  port,
  framesPerSecond,
  largeSize,
  hasRtcp = true,
}: SdpFacts): string {
  const lines = [
    'v=0',
    `o=- ${sessionId} ${version} ${connection(origin)}`,
    's=cambox',
    `c=${connection(host)}`,
    't=0 0',
    `m=video ${port} RTP/AVP ${JPEG_PAYLOAD_TYPE}`,
    // no bandwidth for reports, neither the sender's nor the receivers' (RFC 3556 §2)
    ...(hasRtcp ? [] : ['b=RS:0', 'b=RR:0']),
    `a=rtpmap:${JPEG_PAYLOAD_TYPE} JPEG/${JPEG_CLOCK_HZ}`,
    ...(framesPerSecond === undefined ? [] : [`a=framerate:${Number(framesPerSecond.toFixed(3))}`]),
    ...(largeSize === undefined ? [] : sizeAttributes(largeSize)),
    'a=sendonly',
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** `x-dimensions` is what GStreamer and live555 read, `framesize` (3GPP TS 26.234 §5.3.3.2) others. */
const sizeAttributes = ({ width, height }: LargeSize): string[] => [
  `a=x-dimensions:${width},${height}`,
  `a=framesize:${JPEG_PAYLOAD_TYPE} ${width}-${height}`,
];

/** `IN IP4 address` or `IN IP6 address` (RFC 8866 §5.7); a zone means nothing to another machine and is left out. */
function connection(address: string): string {
  const [host] = address.split('%', 1) as [string];
  return `IN ${host.includes(':') ? 'IP6' : 'IP4'} ${host}`;
}
