import { libc } from './libc.ts';
import { assertSocketLayout } from './socket-layout.ts';

export interface SocketCalls {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Uint8Array, length: number) => number;
  readonly connect: (fd: number, address: Uint8Array, length: number) => number;
  /** `length` holds one element: the room, and afterwards the length. */
  readonly getsockname: (fd: number, address: Uint8Array, length: Uint32Array) => number;
  readonly setsockopt: (
    fd: number,
    level: number,
    name: number,
    value: Int32Array | Uint8Array,
    length: number,
  ) => number;
  /** `length` holds one element: the room, and afterwards the length. */
  readonly getsockopt: (fd: number, level: number, name: number, value: Int32Array, length: Uint32Array) => number;
  readonly recv: (fd: number, into: Uint8Array, length: number, flags: number) => number;
  /** `messages` is the address of an array of `struct mmsghdr`; the last argument, a timeout, is none. */
  readonly recvmmsg: (fd: number, messages: number, count: number, flags: number, timeout: null) => number;
  readonly sendto: (
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    to: Uint8Array,
    toLength: number,
  ) => number;
  /** `message` is the address of a `struct msghdr` as a plain number: the cheapest argument koffi takes. */
  readonly sendmsg: (fd: number, message: number, flags: number) => number;
  /** `messages` is the address of an array of `struct mmsghdr`. */
  readonly sendmmsg: (fd: number, messages: number, count: number, flags: number) => number;
  readonly close: (fd: number) => number;
  readonly inetPton: (family: number, text: string, address: Uint8Array) => number;
  readonly inetNtop: (family: number, address: Uint8Array, text: Uint8Array, room: number) => string | null;
  readonly ifNametoindex: (name: string) => number;
}

let bound: SocketCalls | undefined;

/**
 * The calls of UDP sockets (socket(7), udp(7)) and of addresses (inet_pton(3)), bound at the first use. Throws `unsupported`
 * where structures lie otherwise than we write them.
 */
export function socketCalls(): SocketCalls {
  bound ??= bind();
  return bound;
}

function bind(): SocketCalls {
  assertSocketLayout();
  return {
    socket: libc().func('socket', 'int', ['int', 'int', 'int']),
    bind: libc().func('bind', 'int', ['int', 'void *', 'uint32_t']),
    connect: libc().func('connect', 'int', ['int', 'void *', 'uint32_t']),
    getsockname: libc().func('getsockname', 'int', ['int', 'void *', 'void *']),
    setsockopt: libc().func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32_t']),
    getsockopt: libc().func('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']),
    recv: libc().func('recv', 'int64_t', ['int', 'void *', 'size_t', 'int']),
    recvmmsg: libc().func('recvmmsg', 'int', ['int', 'uintptr_t', 'unsigned int', 'int', 'void *']),
    sendto: libc().func('sendto', 'int64_t', ['int', 'void *', 'size_t', 'int', 'void *', 'uint32_t']),
    sendmsg: libc().func('sendmsg', 'int64_t', ['int', 'uintptr_t', 'int']),
    sendmmsg: libc().func('sendmmsg', 'int', ['int', 'uintptr_t', 'unsigned int', 'int']),
    close: libc().func('close', 'int', ['int']),
    inetPton: libc().func('inet_pton', 'int', ['int', 'str', 'void *']),
    inetNtop: libc().func('inet_ntop', 'str', ['int', 'void *', 'void *', 'uint32_t']),
    ifNametoindex: libc().func('if_nametoindex', 'unsigned int', ['str']),
  };
}
