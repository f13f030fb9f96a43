/** Where and how one RTP stream of a camera is sent. */
export interface RtpTarget {
  /** IPv4 or IPv6 address, or a name that is resolved once at start. */
  readonly host: string;
  readonly port: number;
  /** Largest IP packet in bytes, IP and UDP headers included. */
  readonly mtu: number;
  /** RFC 3550 §5.1; random when undefined. */
  readonly ssrc: number | undefined;
  /** `auto` probes UDP GSO at start and falls back to dgram. */
  readonly transport: 'auto' | 'gso' | 'dgram';
  /** Part of the frame interval over which a frame's packets are spread, 0 (burst) to 1. */
  readonly pacing: number;
  /** Send reports to the port behind `port`, and hear receivers' reports (RFC 3550 §6). */
  readonly rtcp: boolean;
  /** Local port for receivers' reports; 0 for any, as most receivers answer to the port that they hear from. */
  readonly rtcpPort: number;
}

/** What a target has where nobody said otherwise. */
export const TARGET_DEFAULTS: Omit<RtpTarget, 'host' | 'port'> = {
  mtu: 1500,
  ssrc: undefined,
  transport: 'auto',
  pacing: 0.5,
  rtcp: true,
  rtcpPort: 0,
};
