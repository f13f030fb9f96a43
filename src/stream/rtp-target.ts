/** Where and how one RTP stream of a camera is sent. */
export interface RtpTarget {
  /** IPv4 or IPv6 address of a machine or a multicast group, or a name that is resolved once at start. */
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
  /** How many routers packets may pass, 1 to 255; undefined leaves it to the kernel: 1 to a group, 64 to one machine. */
  readonly ttl: number | undefined;
  /** Name of the network interface that packets leave by; empty: the routing table decides. */
  readonly interface: string;
  /** Listeners of a group on this machine hear it, too. */
  readonly loop: boolean;
  /** Differentiated services code point, 0 to 63 (RFC 2474). */
  readonly dscp: number;
  /** File with the SRTP master key: a path, or `credential:NAME`; empty: nothing is encrypted. */
  readonly srtpKeyFile: string;
}

/** What a target has where nobody said otherwise. */
export const TARGET_DEFAULTS: Omit<RtpTarget, 'host' | 'port'> = {
  mtu: 1500,
  ssrc: undefined,
  transport: 'auto',
  pacing: 0.5,
  rtcp: true,
  rtcpPort: 0,
  ttl: undefined,
  interface: '',
  loop: true,
  dscp: 0,
  srtpKeyFile: '',
};
