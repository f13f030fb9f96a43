import type { Frame } from '../frame/frame.ts';
import type { PacketPlan } from '../rtp/packet-plan.ts';

export type TransportKind = 'gso' | 'dgram';

/** Where a transport reports what became of packets, before `send` returns. */
export interface SendReport {
  /** The kernel took these packets; `octets` as the plan counts them. */
  sent(packets: number, octets: number): void;
  /** A system call failed with this errno; `unsent` packets were given up for it (0: they went out at a second try). */
  failed(errno: string, unsent: number): void;
}

/**
 * Carries packets to one address. Never waits, never throws for what happens on the network, and never holds more than
 * a bounded number of packets.
 */
export interface UdpTransport extends AsyncDisposable {
  readonly kind: TransportKind;
  /**
   * Send packets [first, first + count) of the frame's plan, at most MAX_SEGMENTS and MAX_UDP_PAYLOAD bytes. When this
   * returns, the caller may overwrite the plan and release the frame. Answers false when this transport cannot work
   * here at all (the network device refuses segmentation): the packets are unsent, and another kind is to be used.
   */
  send(frame: Frame, plan: PacketPlan, first: number, count: number): boolean;
}
