import { EAGAIN } from './errno.ts';
import { addressOf } from './koffi.ts';
import { CMSGHDR, IOVEC, MMSGHDR, MSGHDR, SOCKADDR_IN6 } from './socket-layout.ts';
import { SO_TIMESTAMPNS, type SocketOption, UDP_GRO } from './socket-options.ts';
import type { UdpSocket } from './udp-socket.ts';

/** Messages of one system call: with none joined, a sixth of a 1080p picture. */
const MESSAGES = 32;
/** No UDP payload is longer (udp(7)), joined or not. */
const MESSAGE_BYTES = 1 << 16;
/** A header and what follows it begin at multiples of 8 (CMSG_ALIGN, cmsg(3)). */
const CONTROL_ALIGN = 8;
/** Room for a `struct timespec` and an int, each behind a header. */
const CONTROL_BYTES = 2 * CMSGHDR.size + 16 + CONTROL_ALIGN;
/** The longest address, padded so that each begins at a multiple of 8. */
const NAME_BYTES = Math.ceil(SOCKADDR_IN6.size / 8) * 8;
const TWO_32 = 2 ** 32;

/** Takes a datagram. The bytes are valid during the call. `arrivedUs` is CLOCK_REALTIME; undefined when not told. */
export type TakeDatagram = (bytes: Uint8Array, arrivedUs: number | undefined) => void;

/**
 * Memory for reading many datagrams with one system call (recvmmsg(2)). node:dgram takes a call and an allocation of 64 KB
 * for each, and so loses packets of a burst that this does not. Its pages become resident as messages get long or many.
 */
export class ReceiveBatch {
  readonly #bytes = new Uint8Array(MESSAGES * MESSAGE_BYTES);
  readonly #control = new DataView(new ArrayBuffer(MESSAGES * CONTROL_BYTES));
  readonly #names = new Uint8Array(MESSAGES * NAME_BYTES);
  readonly #messages = new DataView(new ArrayBuffer(MESSAGES * MMSGHDR.size));
  /** Held only because the messages point to it. */
  readonly #iov = new DataView(new ArrayBuffer(MESSAGES * IOVEC.size));
  readonly #address = Number(addressOfView(this.#messages));
  /** Of the message read last. */
  #arrivedUs: number | undefined;
  #joinedLength = MESSAGE_BYTES;
  /** The message whose datagrams are being handed over. */
  #current = 0;

  constructor() {
    const bytes = addressOf(this.#bytes);
    const control = addressOfView(this.#control);
    const names = addressOf(this.#names);
    const iov = addressOfView(this.#iov);
    for (let i = 0; i < MESSAGES; i++) {
      this.#iov.setBigUint64(i * IOVEC.size + IOVEC.base, bytes + BigInt(i * MESSAGE_BYTES), true);
      this.#iov.setBigUint64(i * IOVEC.size + IOVEC.length, BigInt(MESSAGE_BYTES), true);
      const at = i * MMSGHDR.size;
      this.#messages.setBigUint64(at + MSGHDR.iov, iov + BigInt(i * IOVEC.size), true);
      this.#messages.setBigUint64(at + MSGHDR.iovLength, 1n, true);
      this.#messages.setBigUint64(at + MSGHDR.control, control + BigInt(i * CONTROL_BYTES), true);
      this.#messages.setBigUint64(at + MSGHDR.name, names + BigInt(i * NAME_BYTES), true);
      this.#arm(i);
    }
  }

  /** Where the datagram comes from that is being handed over: an encoded socket address, for `UdpSocket.sendTo`. A copy. */
  get sender(): Uint8Array {
    const length = this.#messages.getUint32(this.#current * MMSGHDR.size + MSGHDR.nameLength, true);
    return this.#names.slice(this.#current * NAME_BYTES, this.#current * NAME_BYTES + length);
  }

  /** Ask the kernel for times of arrival, and to join datagrams. Where it cannot, they come one by one and without. */
  static prepare(socket: UdpSocket): void {
    socket.setOption(SO_TIMESTAMPNS, 1);
    socket.setOption(UDP_GRO, 1);
  }

  /**
   * Read what has arrived, up to a bound, and hand over each datagram. Answers 0 when all has been read, EAGAIN when there
   * may be more, else the errno of what went wrong.
   */
  read(socket: UdpSocket, take: TakeDatagram): number {
    const received = socket.receiveMany(this.#address, MESSAGES);
    if (received < 0) return received === -EAGAIN ? 0 : -received;
    for (let i = 0; i < received; i++) {
      this.#hand(i, take);
      this.#arm(i);
    }
    return received < MESSAGES ? 0 : EAGAIN;
  }

  #hand(i: number, take: TakeDatagram): void {
    this.#current = i;
    this.#readControl(i);
    const end = i * MESSAGE_BYTES + this.#messages.getUint32(i * MMSGHDR.size + MMSGHDR.sent, true);
    let at = i * MESSAGE_BYTES;
    do {
      take(this.#bytes.subarray(at, Math.min(end, at + this.#joinedLength)), this.#arrivedUs);
      at += this.#joinedLength;
    } while (at < end);
  }

  /** Walk the control messages that the kernel wrote for message i (cmsg(3)). */
  #readControl(i: number): void {
    this.#arrivedUs = undefined;
    this.#joinedLength = MESSAGE_BYTES;
    let at = i * CONTROL_BYTES;
    const end = at + this.#messages.getUint32(i * MMSGHDR.size + MSGHDR.controlLength, true);
    while (at + CMSGHDR.size < end) {
      const length = this.#control.getUint32(at + CMSGHDR.length, true);
      if (length <= CMSGHDR.size) return;
      const dataAt = at + CMSGHDR.size;
      if (this.#isOf(at, SO_TIMESTAMPNS)) this.#arrivedUs = this.#microseconds(dataAt);
      else if (this.#isOf(at, UDP_GRO)) this.#joinedLength = Math.max(1, this.#control.getInt32(dataAt, true));
      at += Math.ceil(length / CONTROL_ALIGN) * CONTROL_ALIGN;
    }
  }

  #isOf(at: number, [level, type]: SocketOption): boolean {
    return (
      this.#control.getInt32(at + CMSGHDR.level, true) === level &&
      this.#control.getInt32(at + CMSGHDR.type, true) === type
    );
  }

  /** A `struct timespec`: seconds and nanoseconds, 64 bits each. */
  #microseconds(at: number): number {
    const seconds = this.#control.getUint32(at, true) + this.#control.getInt32(at + 4, true) * TWO_32;
    return seconds * 1e6 + this.#control.getUint32(at + 8, true) / 1000;
  }

  /** Say anew how much room there is for address and control data: the kernel writes there how much there was. */
  #arm(i: number): void {
    this.#messages.setUint32(i * MMSGHDR.size + MSGHDR.nameLength, SOCKADDR_IN6.size, true);
    this.#messages.setUint32(i * MMSGHDR.size + MSGHDR.controlLength, CONTROL_BYTES, true);
  }
}

const addressOfView = (view: DataView): bigint => addressOf(new Uint8Array(view.buffer));
