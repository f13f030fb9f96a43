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
import { SOCKADDR_IN6 } from './socket-layout.ts';
import type { SocketOption } from './socket-options.ts';

// <bits/socket_type.h>, <bits/socket.h>: the same on x64 and arm64.
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
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

  /** Set an option: an int, or a structure as bytes. Answers 0 or the errno. */
  setOption([level, name]: SocketOption, value: number | Uint8Array): number {
    const bytes = typeof value === 'number' ? Int32Array.of(value) : value;
    return this.#calls.setsockopt(this.#fd, level, name, bytes, bytes.byteLength) < 0 ? lastErrno() : 0;
  }

  /** An option that is an int, or a negative errno. */
  option([level, name]: SocketOption): number {
    const value = new Int32Array(1);
    const done = this.#calls.getsockopt(this.#fd, level, name, value, Uint32Array.of(value.byteLength));
    return done < 0 ? -lastErrno() : value[0]!;
  }

  /**
   * sendmsg(2), without waiting. `message` is the address of a `struct msghdr`; everything it points to must stay alive
   * during the call, and no longer. Returns 0 when the kernel took all of it, otherwise the errno.
   */
  send(message: number): number {
    if (this.#fd < 0) return EBADF;
    return this.#calls.sendmsg(this.#fd, message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? lastErrno() : 0;
  }

  /**
   * sendmmsg(2), without waiting: `count` messages from the `struct mmsghdr` at address `messages` on, in order. Returns how
   * many the kernel took; the errno as a negative number when it did not even take the first.
   */
  sendMany(messages: number, count: number): number {
    if (this.#fd < 0) return -EBADF;
    const sent = this.#calls.sendmmsg(this.#fd, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? -lastErrno() : sent;
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
   * recvmmsg(2), without waiting: fill up to `count` messages from the `struct mmsghdr` at address `messages` on. Returns how
   * many; the errno as a negative number when there is none (EAGAIN) or reading failed.
   */
  receiveMany(messages: number, count: number): number {
    if (this.#fd < 0) return -EBADF;
    const received = this.#calls.recvmmsg(this.#fd, messages, count, MSG_DONTWAIT, null);
    return received < 0 ? -lastErrno() : received;
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

/** The name of the errno is its cause's `code`, as with Node's own errors. */
function failed(verb: string, thing: string, errno: number, received?: unknown): CamboxError {
  const code = errnoName(errno);
  return new CamboxError('network', { verb, thing, reason: code, received, cause: { code } });
}
