import { CamboxError } from '../base/errors.ts';
import { EBADF, errnoName } from './errno.ts';
import { lastErrno } from './koffi.ts';
import { type ReadinessHandler, ReadinessWatch } from './readiness-watch.ts';
import {
  AF_INET,
  type AF_INET6,
  decodeSocketAddress,
  encodeSocketAddress,
  type SocketAddress,
} from './socket-address.ts';
import { type SocketCalls, socketCalls } from './socket-calls.ts';
import { assertSocketLayout, SOCKADDR_IN6 } from './socket-layout.ts';

// <bits/socket_type.h>, <asm-generic/socket.h>, <linux/in.h>, <linux/in6.h>, <linux/udp.h>: the same on x64 and arm64.
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SOL_SOCKET = 1;
const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const SOL_UDP = 17;

/** A socket option: its level and its name. */
type SocketOption = readonly [level: number, name: number];

export const SO_SNDBUF: SocketOption = [SOL_SOCKET, 7];
export const SO_RCVBUF: SocketOption = [SOL_SOCKET, 8];
/** Report every ICMP error about our packets as the result of a later send (ip(7), ipv6(7)). */
export const IP_RECVERR: SocketOption = [IPPROTO_IP, 11];
export const IPV6_RECVERR: SocketOption = [IPPROTO_IPV6, 25];
/** Bytes a segment; as an option only asked for to see whether the kernel knows it (udp(7), Linux 4.18). */
export const UDP_SEGMENT: SocketOption = [SOL_UDP, 103];

/**
 * A UDP socket of the kernel that never blocks and is closed in children (close-on-exec). It exists because node:dgram
 * has no way to hand the kernel several packets in one call. Calls on the path of every frame return an errno; the
 * rare ones throw a CamboxError.
 */
export class UdpSocket implements Disposable {
  readonly #calls: SocketCalls;
  #fd: number;
  #watch: ReadinessWatch | undefined;

  private constructor(calls: SocketCalls, fd: number) {
    this.#calls = calls;
    this.#fd = fd;
  }

  /** Throws `unsupported` (structure layouts differ here) or `network` (no socket of that family). */
  static open(family: typeof AF_INET | typeof AF_INET6): UdpSocket {
    assertSocketLayout();
    const calls = socketCalls();
    const fd = calls.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw failed('open', `a UDP socket over ${family === AF_INET ? 'IPv4' : 'IPv6'}`, lastErrno());
    return new UdpSocket(calls, fd);
  }

  bind(address: SocketAddress): void {
    const encoded = encodeSocketAddress(address);
    if (this.#calls.bind(this.#fd, encoded, encoded.length) < 0)
      throw failed('bind', 'a UDP socket', lastErrno(), address);
  }

  /** Fix the peer. Sends nothing; throws `network` when there is no route (ENETUNREACH). */
  connect(address: SocketAddress): void {
    const encoded = encodeSocketAddress(address);
    if (this.#calls.connect(this.#fd, encoded, encoded.length) < 0) {
      throw failed('connect', 'a UDP socket', lastErrno(), address);
    }
  }

  /** Our own address and port. */
  localAddress(): SocketAddress {
    const encoded = new Uint8Array(SOCKADDR_IN6.size);
    if (this.#calls.getsockname(this.#fd, encoded, Uint32Array.of(encoded.length)) < 0) {
      throw failed('read', 'the address of a UDP socket', lastErrno());
    }
    return decodeSocketAddress(encoded);
  }

  /** Set an option that is an int. Answers 0 or the errno. */
  setOption([level, name]: SocketOption, value: number): number {
    const done = this.#calls.setsockopt(this.#fd, level, name, Int32Array.of(value), 4);
    return done < 0 ? lastErrno() : 0;
  }

  /**
   * sendmsg(2), without waiting. `message` is the address of a `struct msghdr`; everything it points to must stay alive
   * during the call, and no longer. Returns 0 when the kernel took all of it, otherwise the errno.
   */
  send(message: number): number {
    if (this.#fd < 0) return EBADF;
    return this.#calls.sendmsg(this.#fd, message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? lastErrno() : 0;
  }

  /** sendto(2), without waiting: one datagram to an encoded socket address. Answers 0 or the errno. */
  sendTo(bytes: Uint8Array, to: Uint8Array): number {
    if (this.#fd < 0) return EBADF;
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    return this.#calls.sendto(this.#fd, bytes, bytes.length, flags, to, to.length) < 0 ? lastErrno() : 0;
  }

  /** Length of the next received datagram, copied into `into` as far as it fits, or -1 when there is none. */
  receive(into: Uint8Array): number {
    return this.#calls.recv(this.#fd, into, into.length, MSG_DONTWAIT);
  }

  /**
   * Call back whenever there is something to receive, until the socket is closed. One at a time: a second watch of one
   * descriptor would abort the process, so it throws here.
   */
  watch(handler: ReadinessHandler): void {
    if (this.#watch !== undefined) throw new Error('the socket is watched already');
    this.#watch = new ReadinessWatch(this.#fd, handler);
  }

  /** Close it; a second time does nothing. */
  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    if (this.#fd >= 0) this.#calls.close(this.#fd);
    this.#fd = -1;
  }
}

function failed(verb: string, thing: string, errno: number, received?: unknown): CamboxError {
  return new CamboxError('network', { verb, thing, reason: errnoName(errno), received });
}
