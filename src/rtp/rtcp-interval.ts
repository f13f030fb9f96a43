/** No participant reports more often than this (RFC 3550 §6.2). */
const LEAST_INTERVAL_S = 5;
/** Part of the session's bandwidth that is left to RTCP, and of that the senders' part (RFC 3550 §6.2). */
const RTCP_PART = 0.05;
const SENDERS_PART = 0.25;
/** Timer reconsideration makes intervals longer than drawn; this takes it back (RFC 3550 §6.3.1). */
const RECONSIDERATION = Math.E - 1.5;

export interface RtcpConditions {
  /** Participants, this one included. */
  readonly members: number;
  readonly senders: number;
  /** This one has sent RTP lately (RFC 3550 §6.3.8). */
  readonly isSender: boolean;
  /** No report has been sent yet: half the least interval. */
  readonly isFirst: boolean;
  /** RTP bytes a second of the session. */
  readonly sessionBytesPerSecond: number;
  /** Smoothed size of the RTCP datagrams, UDP and IP headers included. */
  readonly averageBytes: number;
}

/** The calculated interval Td in seconds (RFC 3550 §6.3.1): 5 s, or more where many share the bandwidth. */
export function rtcpIntervalS(conditions: RtcpConditions): number {
  const { members, senders, isSender, isFirst, sessionBytesPerSecond, averageBytes } = conditions;
  const least = isFirst ? LEAST_INTERVAL_S / 2 : LEAST_INTERVAL_S;
  let bytesPerSecond = sessionBytesPerSecond * RTCP_PART;
  let sharers = members;
  if (senders <= members * SENDERS_PART) {
    bytesPerSecond *= isSender ? SENDERS_PART : 1 - SENDERS_PART;
    sharers = isSender ? senders : members - senders;
  }
  return bytesPerSecond > 0 ? Math.max(least, (averageBytes * sharers) / bytesPerSecond) : least;
}

/** The interval that is really used: drawn from half to one and a half times Td. `random` is in [0, 1). */
export const drawnIntervalS = (calculatedS: number, random: number): number =>
  (calculatedS * (0.5 + random)) / RECONSIDERATION;
