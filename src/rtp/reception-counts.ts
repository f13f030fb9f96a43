import { ReasonCounts } from '../base/reason-counts.ts';
import type { PictureRefusal } from './picture-refusal.ts';
import type { RtpFault } from './rtp-header.ts';

/** Why a datagram is no packet of the stream. */
export type IgnoredPacket =
  | RtpFault
  /** It carries something else. */
  | 'payload_type'
  /** Another source sends to the same port while the one we follow is still heard. */
  | 'other_ssrc'
  /** Its number is far from the others and no packet with the next number followed. */
  | 'stray';

/** What one receiver has seen since it was opened, over all sources. The keys are those of reports and of `--json`. */
export class ReceptionCounts {
  /** Whole pictures. */
  frames = 0;
  /** Pictures that were sent, as far as the packets tell, and of which something is missing. */
  lost_frames = 0;
  /** Packets of the stream, each counted once, however often it came. */
  packets = 0;
  /** Payload bytes of these packets, without RTP headers. */
  octets = 0;
  /**
   * Packets expected by their numbers less those that came (RFC 3550 §A.3, but for duplicates: there each makes up for
   * a loss, here it does not).
   */
  lost_packets = 0;
  /** Packets that came behind one with a higher number. */
  reordered = 0;
  duplicates = 0;
  /** Packets that came when they had been given up: neither lost nor of use. */
  late_packets = 0;
  /** Interarrival jitter of the source followed last (RFC 3550 §6.4.1), in milliseconds. */
  jitter_ms = 0;
  /** How often another source took the place of one that had fallen silent. */
  ssrc_changes = 0;
  /** How often a source went on with other sequence numbers (RFC 3550 §A.1). */
  sequence_restarts = 0;
  /** Pictures that arrived whole or in part and cannot be rebuilt. */
  readonly refused = new ReasonCounts<PictureRefusal>();
  /** Datagrams that are no packets of the stream. */
  readonly ignored = new ReasonCounts<IgnoredPacket>();
}
