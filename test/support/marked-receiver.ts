import { addressOf, koffi } from '../../src/native/koffi.ts';
import { libc } from '../../src/native/libc.ts';
import { hearGroup } from '../../src/native/multicast.ts';
import {
  AF_INET,
  AF_INET6,
  addressFamily,
  decodeSocketAddress,
  encodeSocketAddress,
  interfaceIndex,
  isMulticast,
} from '../../src/native/socket-address.ts';
import { type SocketCalls, socketCalls } from '../../src/native/socket-calls.ts';
import { CMSGHDR, IOVEC, MSGHDR, SOCKADDR_IN6 } from '../../src/native/socket-layout.ts';
import { until } from './until.ts';

const SOCK_DGRAM_NONBLOCK = 2 | 0o4000;
const MSG_DONTWAIT = 0x40;
// ip(7), ipv6(7): ask for the marks of each datagram, and as what they come.
const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const WANTED = {
  [AF_INET]: { level: IPPROTO_IP, ask: [13, 12], tos: 1, ttl: 2 },
  [AF_INET6]: { level: IPPROTO_IPV6, ask: [66, 51], tos: 67, ttl: 52 },
} as const;

/** A datagram with what its IP header said. */
export interface MarkedDatagram {
  readonly bytes: Buffer;
  /** The byte with DSCP in its upper six bits. */
  readonly tos: number | undefined;
  readonly ttl: number | undefined;
}

/** A UDP socket on loopback, or in a group on an interface, that tells DSCP and TTL of what it receives. */
export class MarkedReceiver implements Disposable {
  readonly port: number;
  readonly #calls: SocketCalls;
  readonly #recvmsg: (fd: number, message: Uint8Array, flags: number) => number;
  readonly #fd: number;
  readonly #family: typeof AF_INET | typeof AF_INET6;

  constructor(address: string, { port = 0, device = 'lo' } = {}) {
    this.#calls = socketCalls();
    this.#recvmsg = libc().func('recvmsg', 'int64_t', ['int', 'void *', 'int']);
    this.#family = addressFamily(address);
    this.#fd = this.#calls.socket(this.#family, SOCK_DGRAM_NONBLOCK, 0);
    const { level, ask } = WANTED[this.#family];
    for (const name of ask) this.#set(level, name, Int32Array.of(1));
    const encoded = encodeSocketAddress({ address, port });
    this.#demand(this.#calls.bind(this.#fd, encoded, encoded.length), 'bind');
    if (isMulticast(address)) {
      const [[group, name], value] = hearGroup(address, interfaceIndex(device)!);
      this.#set(group, name, value as Uint8Array);
    }
    const own = new Uint8Array(SOCKADDR_IN6.size);
    this.#calls.getsockname(this.#fd, own, Uint32Array.of(own.length));
    this.port = decodeSocketAddress(own).port;
  }

  #set(level: number, name: number, value: Int32Array | Uint8Array): void {
    this.#demand(this.#calls.setsockopt(this.#fd, level, name, value, value.byteLength), `setsockopt ${level} ${name}`);
  }

  #demand(result: number, what: string): void {
    if (result < 0) throw new Error(`${what}: errno ${koffi.errno()}`);
  }

  /** Everything that came, once there are at least `count` datagrams. */
  async received(count: number): Promise<MarkedDatagram[]> {
    const datagrams: MarkedDatagram[] = [];
    await until(`${count} datagrams came`, () => {
      for (let next = this.next(); next !== undefined; next = this.next()) datagrams.push(next);
      return datagrams.length >= count;
    });
    return datagrams;
  }

  /** Undefined when there is none. */
  next(): MarkedDatagram | undefined {
    const into = Buffer.alloc(65536);
    const control = Buffer.alloc(256);
    const iov = Buffer.alloc(IOVEC.size);
    iov.writeBigUInt64LE(addressOf(into), IOVEC.base);
    iov.writeBigUInt64LE(BigInt(into.length), IOVEC.length);
    const message = Buffer.alloc(MSGHDR.size);
    message.writeBigUInt64LE(addressOf(iov), MSGHDR.iov);
    message.writeBigUInt64LE(1n, MSGHDR.iovLength);
    message.writeBigUInt64LE(addressOf(control), MSGHDR.control);
    message.writeBigUInt64LE(BigInt(control.length), MSGHDR.controlLength);
    const length = this.#recvmsg(this.#fd, message, MSG_DONTWAIT);
    if (length < 0) return undefined;
    const marks = readMarks(control.subarray(0, Number(message.readBigUInt64LE(MSGHDR.controlLength))));
    const { tos, ttl } = WANTED[this.#family];
    return { bytes: into.subarray(0, length), tos: marks.get(tos), ttl: marks.get(ttl) };
  }

  [Symbol.dispose](): void {
    this.#calls.close(this.#fd);
  }
}

/** Control messages by type; the values are a byte (IP_TOS) or an int. */
function readMarks(control: Buffer): Map<number, number> {
  const marks = new Map<number, number>();
  let at = 0;
  while (at + CMSGHDR.size <= control.length) {
    const length = Number(control.readBigUInt64LE(at + CMSGHDR.length));
    marks.set(control.readInt32LE(at + CMSGHDR.type), control.readUInt8(at + CMSGHDR.size));
    at += Math.ceil(Math.max(length, CMSGHDR.size) / 8) * 8;
  }
  return marks;
}
