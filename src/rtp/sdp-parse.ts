import type { PictureSize } from './jpeg-head-memory.ts';
import { JPEG_CLOCK_HZ, JPEG_PAYLOAD_TYPE } from './rtp-header.ts';

/** What a receiver has to know of a described JPEG stream. */
export interface DescribedStream {
  readonly port: number;
  /**
   * Where RTCP goes: the next port unless the description says otherwise (RFC 8866 §5.14, RFC 3605, RFC 5761); undefined
   * where there is no next port.
   */
  readonly rtcpPort: number | undefined;
  /** Where packets are sent to: our own address, or a multicast group; undefined when it is not told or a name. */
  readonly address: string | undefined;
  /** How many routers packets to an IPv4 group pass (RFC 8866 §5.7). */
  readonly ttl: number | undefined;
  readonly payloadType: number;
  /** Exact size of the pictures (`a=x-dimensions`). */
  readonly size: PictureSize | undefined;
  /** False: receivers must not report (RFC 3556 §2). */
  readonly wantsReports: boolean;
  /** SRTP; the master key and salt in base64 when they are told (RFC 4568). Undefined: in the clear. */
  readonly srtp: { readonly inlineKey: string | undefined } | undefined;
}

/** Why a text describes no stream that we can receive. */
export type SdpFault =
  | 'too_long'
  /** It does not begin with v=0 (RFC 8866 §5.1). */
  | 'not_sdp'
  /** No video that is JPEG over RTP with a clock of 90 kHz, or one that is switched off (port 0). */
  | 'no_jpeg'
  /** SRTP with keys that are agreed on by DTLS (RFC 5764): we cannot. */
  | 'dtls'
  /** SRTP with another suite, or with what goes beyond one key: an MKI, session parameters (RFC 4568 §6). */
  | 'srtp_suite';

const MAX_CHARACTERS = 65_536;
/** 7 bits (RFC 3550 §5.1). */
const MAX_PAYLOAD_TYPE = 127;
const MOST_PIXELS = 65_535;
const JPEG = `JPEG/${JPEG_CLOCK_HZ}`;

/** A media section: its m= line and the lines that hold for it. */
interface Section {
  readonly media: string;
  readonly lines: readonly string[];
}

/** Read a session description (RFC 8866): its first JPEG stream. Never throws. */
export function parseSdp(text: string): DescribedStream | SdpFault {
  if (text.length > MAX_CHARACTERS) return 'too_long';
  const lines = text.split(/\r?\n/);
  if (lines[0] !== 'v=0') return 'not_sdp';
  const { session, sections } = split(lines);
  let fault: SdpFault = 'no_jpeg';
  for (const section of sections) {
    const stream = readSection(section, session);
    if (typeof stream === 'object') return stream;
    if (stream !== 'no_jpeg') fault = stream;
  }
  return fault;
}

function split(lines: readonly string[]): { session: string[]; sections: Section[] } {
  const session: string[] = [];
  const sections: Section[] = [];
  let into = session;
  for (const line of lines) {
    if (line.startsWith('m=')) {
      into = [];
      sections.push({ media: line, lines: into });
    } else {
      into.push(line);
    }
  }
  return { session, sections };
}

function readSection({ media, lines }: Section, session: readonly string[]): DescribedStream | SdpFault {
  // m=video 5004/2 RTP/AVP 26 96 (RFC 8866 §5.14); the number of ports matters to layered encodings only.
  const match = /^m=video (\d{1,5})(?:\/\d+)? (\S+) ([\d ]+)$/.exec(media.trimEnd());
  if (match === null) return 'no_jpeg';
  const [, port, protocol, formats] = match;
  const payloadType = jpegFormat(formats!, lines);
  if (payloadType === undefined || !isPort(Number(port))) return 'no_jpeg';
  const srtp = readProtection(protocol!, lines);
  if (typeof srtp === 'string') return srtp;
  return {
    srtp,
    port: Number(port),
    rtcpPort: rtcpPort(Number(port), lines),
    ...(connection(lines) ?? connection(session) ?? { address: undefined, ttl: undefined }),
    payloadType,
    size: size(lines) ?? size(session),
    wantsReports: (first(lines, RR_BANDWIDTH) ?? first(session, RR_BANDWIDTH)) !== '0',
  };
}

/** Bits a second for receivers' reports. */
const RR_BANDWIDTH = /^b=RR:(\d+)/;

/**
 * a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^31 (RFC 4568 §9.1, §6.1). The lifetime does not matter: 2^31 RTCP packets take
 * centuries.
 */
const CRYPTO = /^a=crypto:\d{1,9} AES_CM_128_HMAC_SHA1_80 inline:([A-Za-z0-9+/]{40})(?:\|(?:2\^)?\d+)?\s*$/;

/** ffmpeg describes encrypted streams as RTP/AVP, too, with the key. */
function readProtection(protocol: string, lines: readonly string[]): DescribedStream['srtp'] | SdpFault {
  if (/^UDP\/TLS\/RTP\/SAVPF?$/.test(protocol)) return 'dtls';
  if (!/^RTP\/S?AVPF?$/.test(protocol)) return 'no_jpeg';
  const inlineKey = first(lines, CRYPTO);
  if (inlineKey === undefined && lines.some((line) => line.startsWith('a=crypto:'))) return 'srtp_suite';
  return inlineKey !== undefined || protocol.includes('SAVP') ? { inlineKey } : undefined;
}

/** The first format that is JPEG. The static payload type needs no rtpmap (RFC 3551 §6); where there is one, it decides. */
function jpegFormat(formats: string, lines: readonly string[]): number | undefined {
  const maps = new Map<number, string>();
  for (const line of lines) {
    const [, format, encoding] = /^a=rtpmap:(\d{1,3}) (\S+)/.exec(line) ?? [];
    if (encoding !== undefined && !maps.has(Number(format))) maps.set(Number(format), encoding.toUpperCase());
  }
  const isJpeg = (format: number): boolean => {
    const encoding = maps.get(format);
    return format <= MAX_PAYLOAD_TYPE && (encoding === undefined ? format === JPEG_PAYLOAD_TYPE : encoding === JPEG);
  };
  return (formats.match(/\d+/g) ?? []).map(Number).find(isJpeg);
}

function rtcpPort(port: number, lines: readonly string[]): number | undefined {
  if (lines.includes('a=rtcp-mux')) return port;
  const told = Number(first(lines, /^a=rtcp:(\d{1,5})\b/));
  if (isPort(told)) return told;
  return isPort(port + 1) ? port + 1 : undefined;
}

/** `c=IN IP4 239.1.2.3/16`; over IPv6 a number behind the slash is that of groups (RFC 8866 §5.7). */
function connection(lines: readonly string[]): { address: string; ttl: number | undefined } | undefined {
  const address = first(lines, /^c=IN IP[46] ([0-9a-fA-F.:]+)(?:[/ ]|$)/);
  const ttl = Number(first(lines, /^c=IN IP4 [0-9.]+\/(\d{1,3})(?:[/ ]|$)/));
  return address === undefined ? undefined : { address, ttl: ttl >= 1 && ttl <= 255 ? ttl : undefined };
}

function size(lines: readonly string[]): PictureSize | undefined {
  const told = first(lines, /^a=x-dimensions: ?(\d{1,5} ?, ?\d{1,5})/);
  if (told === undefined) return undefined;
  const [width, height] = told.split(',').map(Number) as [number, number];
  return isSide(width) && isSide(height) ? { width, height } : undefined;
}

const isPort = (number: number): boolean => number > 0 && number <= 65_535;
const isSide = (pixels: number): boolean => pixels > 0 && pixels <= MOST_PIXELS;

function first(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const found = pattern.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}
