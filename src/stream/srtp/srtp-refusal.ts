import type { RtpFault } from '../../rtp/rtp-header.ts';

/** Why a protected RTP packet is not taken. */
export type SrtpRefusal =
  | RtpFault
  | 'too_long'
  /** Its tag is not that of our key: it was changed on the way, or is of somebody who does not know the key. */
  | 'not_authentic'
  /** It came before (RFC 3711 §3.3.2): sent again by the network, or by somebody who recorded it. */
  | 'replayed'
  /** So far behind the newest that nobody knows whether it came before. */
  | 'too_old';

/** Why a protected RTCP datagram is not taken. */
export type SrtcpRefusal =
  | Exclude<SrtpRefusal, 'bad_version' | 'too_long'>
  /** It is from our own SSRC: an echo. */
  | 'own';
