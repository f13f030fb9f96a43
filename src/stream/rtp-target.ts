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
}

export const DEFAULT_MTU = 1500;
export const DEFAULT_PACING = 0.5;
