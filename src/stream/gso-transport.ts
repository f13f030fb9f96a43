import type { Frame } from '../frame/frame.ts';
import { EAGAIN, ENOBUFS, errnoName } from '../native/errno.ts';
import { BufferAddresses, GsoMessage } from '../native/gso-message.ts';
import { encodeSocketAddress, type SocketAddress } from '../native/socket-address.ts';
import type { UdpSocket } from '../native/udp-socket.ts';
import type { PacketPlan } from '../rtp/packet-plan.ts';
import type { SendReport, UdpTransport } from './udp-transport.ts';

/**
 * With these the kernel says that the route's device cannot segment: no checksum offload (EIO), a segment larger than
 * the device's MTU (EINVAL; EMSGSIZE since Linux 6.13). Single datagrams get through in all these cases.
 */
const SEGMENTATION_REFUSED: ReadonlySet<string> = new Set(['EIO', 'EINVAL', 'EMSGSIZE']);

/**
 * UDP generic segmentation offload (udp(7), UDP_SEGMENT): one system call hands the kernel up to 64 packets as pointers
 * into the header block and the frame, with no copy of ours in between.
 */
export class GsoTransport implements UdpTransport {
  readonly kind = 'gso';
  readonly #socket: UdpSocket;
  readonly #message: GsoMessage;
  readonly #headerAddresses = new BufferAddresses();
  readonly #pictureAddresses = new BufferAddresses();
  readonly #report: SendReport;

  /** Takes over the socket, which should be one of `openRtpSocket`. */
  constructor(socket: UdpSocket, target: SocketAddress, report: SendReport) {
    this.#socket = socket;
    this.#message = new GsoMessage(encodeSocketAddress(target));
    this.#report = report;
  }

  send(frame: Frame, plan: PacketPlan, first: number, count: number): boolean {
    this.#point(frame, plan, first, count);
    const errno = this.#socket.send(this.#message.address);
    if (errno === 0) {
      this.#report.sent(count, plan.octetsOf(first, count));
      return true;
    }
    return this.#sendAgain(errno, plan, first, count);
  }

  /** Let the message point to the packets. */
  #point(frame: Frame, plan: PacketPlan, first: number, count: number): void {
    const message = this.#message;
    const headers = this.#headerAddresses.of(plan.headers);
    const picture = this.#pictureAddresses.of(frame.bytes);
    message.begin();
    for (let i = first; i < first + count; i++) {
      message.add(headers + plan.headerAt[i]!, plan.headerLength[i]!);
      const payloadLength = plan.payloadLength[i]!;
      if (payloadLength > 0) message.add(picture + plan.payloadAt[i]!, payloadLength);
    }
    message.end(plan.packetLength(first));
  }

  /**
   * An errno may speak of an earlier packet (an ICMP report), which reading it has cleared: try once more, unless it
   * says that the kernel's buffers are full.
   */
  #sendAgain(firstErrno: number, plan: PacketPlan, first: number, count: number): boolean {
    const isFull = firstErrno === EAGAIN || firstErrno === ENOBUFS;
    const errno = isFull ? firstErrno : this.#socket.send(this.#message.address);
    if (errno === 0) {
      this.#report.failed(errnoName(firstErrno), 0);
      this.#report.sent(count, plan.octetsOf(first, count));
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
