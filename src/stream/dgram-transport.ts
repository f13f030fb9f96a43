import type { Frame } from '../frame/frame.ts';
import { DatagramBatch } from '../native/datagram-batch.ts';
import { EAGAIN, ENOBUFS, errnoName } from '../native/errno.ts';
import { BufferAddresses } from '../native/gso-message.ts';
import { encodeSocketAddress, type SocketAddress } from '../native/socket-address.ts';
import type { UdpSocket } from '../native/udp-socket.ts';
import type { PacketPlan } from '../rtp/packet-plan.ts';
import type { SendReport, UdpTransport } from './udp-transport.ts';

/**
 * Where the kernel or the network device cannot segment: every packet a datagram of its own, still many of them in one
 * system call (sendmmsg(2)), and no copy of ours.
 */
export class DgramTransport implements UdpTransport {
  readonly kind = 'dgram';
  readonly #socket: UdpSocket;
  readonly #batch: DatagramBatch;
  readonly #headerAddresses = new BufferAddresses();
  readonly #pictureAddresses = new BufferAddresses();
  readonly #report: SendReport;

  /** Takes over the socket, which should be one of `openRtpSocket`. */
  constructor(socket: UdpSocket, target: SocketAddress, report: SendReport) {
    this.#socket = socket;
    this.#batch = new DatagramBatch(encodeSocketAddress(target));
    this.#report = report;
  }

  send(frame: Frame, plan: PacketPlan, first: number, count: number): boolean {
    this.#point(frame, plan, first, count);
    let next = 0;
    /** May speak of an earlier packet (an ICMP report), which reading it has cleared: one more try. */
    let earlier: number | undefined;
    while (next < count) {
      const sent = this.#socket.sendMany(this.#batch.addressOf(next), count - next);
      if (sent > 0) {
        if (earlier !== undefined) this.#report.failed(errnoName(earlier), 0);
        earlier = undefined;
        this.#report.sent(sent, plan.octetsOf(first + next, sent));
        next += sent;
      } else if (earlier === undefined && !isFull(-sent)) {
        earlier = -sent;
      } else {
        this.#report.failed(errnoName(-sent), count - next);
        break;
      }
    }
    return true;
  }

  #point(frame: Frame, plan: PacketPlan, first: number, count: number): void {
    const headers = this.#headerAddresses.of(plan.headers);
    const picture = this.#pictureAddresses.of(frame.bytes);
    for (let i = 0; i < count; i++) {
      const packet = first + i;
      this.#batch.set(
        i,
        headers + plan.headerAt[packet]!,
        plan.headerLength[packet]!,
        picture + plan.payloadAt[packet]!,
        plan.payloadLength[packet]!,
      );
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#socket[Symbol.dispose]();
    return Promise.resolve();
  }
}

const isFull = (errno: number): boolean => errno === EAGAIN || errno === ENOBUFS;
