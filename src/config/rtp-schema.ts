import type { Schema } from 'convict';
import { CREDENTIAL } from './credential-doc.ts';
import { integer, integerOrNull, nonEmptyText, numberIn, text } from './formats.ts';

export interface RtpConfig {
  host: string;
  port: number;
  mtu: number;
  ssrc: number | null;
  transport: 'auto' | 'gso' | 'dgram';
  pacing: number;
  rtcp: boolean;
  rtcp_port: number;
  ttl: number | null;
  interface: string;
  loop: boolean;
  dscp: number;
  srtp_key_file: string;
  sdp_file: string;
}

export const RTP_SCHEMA: Schema<RtpConfig> = {
  host: {
    doc: 'Address or name of the receiver, or a multicast group (224.0.0.0/4, ff00::/8).',
    format: nonEmptyText,
    default: '',
  },
  port: { doc: 'UDP port of the receiver.', format: integer(1, 65535), default: 5004 },
  mtu: { doc: 'Largest IP packet sent, in bytes, headers included.', format: integer(256, 65535), default: 1500 },
  ssrc: {
    doc: 'RTP SSRC; null picks a random one at start (RFC 3550 §5.1).',
    format: integerOrNull(0, 4294967295),
    default: null,
  },
  transport: {
    doc: 'How packets leave: one system call for many (gso), one each (dgram), or what a probe at start finds (auto).',
    format: ['auto', 'gso', 'dgram'],
    default: 'auto',
  },
  pacing: {
    doc: 'Part of the frame interval over which the packets of a frame are spread; 0 sends them in one burst.',
    format: numberIn(0, 1),
    default: 0.5,
  },
  rtcp: {
    doc: "Sender reports to the next port, and receivers' reports back (RFC 3550 §6): loss, jitter, round trip.",
    format: Boolean,
    default: true,
  },
  rtcp_port: {
    doc: "Local UDP port for receivers' reports; 0 for any. Most receivers answer to the port that they hear from.",
    format: integer(0, 65535),
    default: 0,
  },
  ttl: {
    doc: 'How many routers packets may pass; null leaves it to the kernel: 1 to a multicast group, 64 to one machine.',
    format: integerOrNull(1, 255),
    default: null,
  },
  interface: {
    doc: 'Network interface that packets leave by, e.g. eth0; empty: as the routing table says.',
    format: text,
    default: '',
  },
  loop: { doc: 'Receivers on this machine hear the multicast group, too.', format: Boolean, default: true },
  dscp: {
    doc: 'Differentiated services code point of all packets (RFC 2474); 34 is AF41.',
    format: integer(0, 63),
    default: 0,
  },
  srtp_key_file: {
    doc: `File with 30 bytes in base64, from \`openssl rand -base64 30\`: encrypts RTP and RTCP (RFC 3711, AES_CM_128_HMAC_SHA1_80); empty for none. ${CREDENTIAL}`,
    format: text,
    default: '',
  },
  sdp_file: {
    doc: 'Where to write the session description that receivers need, from the first frame on; empty for nowhere. With an SRTP key only the owner may read it.',
    format: text,
    default: '',
  },
};
