import { CamboxError } from '../base/errors.ts';
import type { Frame } from '../frame/frame.ts';
import { EAGAIN, ENOBUFS, errnoName } from '../native/errno.ts';
import { BufferAddresses, GsoMessage } from '../native/gso-message.ts';
import { AF_INET, addressFamily, encodeSocketAddress, type SocketAddress } from '../native/socket-address.ts';
import { IP_RECVERR, IPV6_RECVERR, SO_RCVBUF, SO_SNDBUF, UdpSocket } from '../native/udp-socket.ts';
import type { PacketPlan } from '../rtp/packet-plan.ts';
import { SEND_BUFFER_BYTES, type SendReport, type UdpTransport } from './udp-transport.ts';

/**
 * With these the kernel says that the route's device cannot segment: no checksum offload (EIO), a segment larger than
 * the device's MTU (EINVAL; EMSGSIZE since Linux 6.13). Single datagrams get through in all these cases.
 */
const SEGMENTATION_REFUSED: ReadonlySet<string> = new Set(['EIO', 'EINVAL', 'EMSGSIZE']);

/**
 * UDP generic segmentation offload (udp(7), UDP_SEGMENT): one system call hands the kernel up to 64 packets as pointers
 * into the header block and the frame, with no copy of ours in between.
 *
 * The socket is not connected. A connected one keeps the source address and the route of the moment it was connected;
 * this one asks the routing table at every send, so it follows a new lease, another uplink, a network that comes late.
 * IP_RECVERR still brings it ICMP errors (nobody listens there, host unreachable) as the result of a later send.
 */
export class GsoTransport implements UdpTransport {
  readonly kind = 'gso';
  readonly #socket: UdpSocket;
  readonly #target: SocketAddress;
  readonly #message: GsoMessage;
  readonly #addresses = new BufferAddresses();
  readonly #report: SendReport;

  private constructor(socket: UdpSocket, target: SocketAddress, report: SendReport) {
    this.#socket = socket;
    this.#target = target;
    this.#message = new GsoMessage(encodeSocketAddress(target));
    this.#report = report;
  }

  /** Throws `unsupported`, `network` or `bad_argument`, as the socket does. */
  static open(target: SocketAddress, report: SendReport): GsoTransport {
    const family = addressFamily(target.address);
    const socket = UdpSocket.open(family);
    socket.setOption(family === AF_INET ? IP_RECVERR : IPV6_RECVERR, 1);
    socket.setOption(SO_SNDBUF, SEND_BUFFER_BYTES);
    // Nobody reads this socket: the least buffer for what strangers send to it and for ICMP reports.
    socket.setOption(SO_RCVBUF, 1);
    return new GsoTransport(socket, target, report);
  }

  /** The kernel's choice of source address, asked for with a second socket: ours has none of its own. */
  localAddress(): string | undefined {
    using scout = UdpSocket.open(addressFamily(this.#target.address));
    try {
      scout.connect(this.#target);
      return scout.localAddress().address;
    } catch (failure) {
      if (failure instanceof CamboxError && failure.code === 'network') return undefined;
      throw failure;
    }
  }

  send(frame: Frame, plan: PacketPlan, first: number, count: number): boolean {
    const octets = this.#point(frame, plan, first, count);
    const errno = this.#socket.send(this.#message.address);
    if (errno === 0) {
      this.#report.sent(count, octets);
      return true;
    }
    return this.#sendAgain(errno, count, octets);
  }

  /** Let the message point to the packets; returns their octets. */
  #point(frame: Frame, plan: PacketPlan, first: number, count: number): number {
    const message = this.#message;
    const headers = this.#addresses.of(plan.headers);
    const picture = this.#addresses.of(frame.bytes);
    let octets = 0;
    message.begin();
    for (let i = first; i < first + count; i++) {
      message.add(headers + plan.headerAt[i]!, plan.headerLength[i]!);
      message.add(picture + plan.payloadAt[i]!, plan.payloadLength[i]!);
      octets += plan.octets[i]!;
    }
    message.end(plan.packetLength(first));
    return octets;
  }

  /**
   * An errno may speak of an earlier packet (an ICMP report), which reading it has cleared: try once more, unless it
   * says that the kernel's buffers are full.
   */
  #sendAgain(firstErrno: number, count: number, octets: number): boolean {
    const isFull = firstErrno === EAGAIN || firstErrno === ENOBUFS;
    const errno = isFull ? firstErrno : this.#socket.send(this.#message.address);
    if (errno === 0) {
      this.#report.failed(errnoName(firstErrno), 0);
      this.#report.sent(count, octets);
      return true;
    }
    const name = errnoName(errno);
    this.#report.failed(name, count);
    return !SEGMENTATION_REFUSED.has(name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#socket[Symbol.dispose]();
    return Promise.resolve();
  }
}
