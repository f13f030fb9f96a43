import { isIP } from 'node:net';
import { CamboxError } from '../base/errors.ts';
import { socketCalls } from './socket-calls.ts';
import { SOCKADDR_IN, SOCKADDR_IN6 } from './socket-layout.ts';

export const AF_INET = 2;
export const AF_INET6 = 10;
/** INET6_ADDRSTRLEN of <netinet/in.h>. */
const MAX_ADDRESS_TEXT = 46;

export interface SocketAddress {
  /** IPv4, or IPv6 with an optional zone (`fe80::1%eth0`). */
  readonly address: string;
  readonly port: number;
}

/** The address family of a numeric address. Throws `bad_argument` for anything else: names are resolved before. */
export function addressFamily(address: string): typeof AF_INET | typeof AF_INET6 {
  const version = isIP(address);
  if (version === 0) throw badAddress(address, 'it is no IPv4 or IPv6 address');
  return version === 4 ? AF_INET : AF_INET6;
}

/** A group: 224.0.0.0/4 (RFC 5771 §3), ff00::/8 (RFC 4291 §2.7). */
export function isMulticast(address: string): boolean {
  if (addressFamily(address) === AF_INET6) return /^ff[0-9a-f]{2}:/i.test(address);
  const first = Number(address.split('.', 1)[0]);
  return first >= 224 && first <= 239;
}

/**
 * A `struct sockaddr_in` or `sockaddr_in6` (ip(7), ipv6(7)): family and scope in host order, port in network order.
 * Throws `bad_argument` when the address is not numeric or its zone names no interface.
 */
export function encodeSocketAddress({ address, port }: SocketAddress): Uint8Array {
  const family = addressFamily(address);
  const [host, zone] = address.split('%', 2) as [string, string | undefined];
  const layout = family === AF_INET ? SOCKADDR_IN : SOCKADDR_IN6;
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  view.setUint16(layout.family, family, true);
  view.setUint16(layout.port, port, false);
  const numeric = bytes.subarray(layout.address, layout.address + (family === AF_INET ? 4 : 16));
  if (socketCalls().inetPton(family, host, numeric) !== 1) throw badAddress(address, 'the C library cannot read it');
  if (zone !== undefined) view.setUint32(SOCKADDR_IN6.scopeId, scopeOf(zone, address), true);
  return bytes;
}

/** What `encodeSocketAddress` wrote, or the kernel (getsockname). The zone is left out. */
export function decodeSocketAddress(bytes: Uint8Array): SocketAddress {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const family = view.getUint16(0, true);
  const layout = family === AF_INET ? SOCKADDR_IN : SOCKADDR_IN6;
  const text = Buffer.alloc(MAX_ADDRESS_TEXT);
  const address = socketCalls().inetNtop(family, bytes.subarray(layout.address), text, text.length);
  return { address: address ?? '', port: view.getUint16(layout.port, false) };
}

/** The number of a network interface; undefined when there is none of that name. */
export function interfaceIndex(name: string): number | undefined {
  const index = socketCalls().ifNametoindex(name);
  return index === 0 ? undefined : index;
}

function scopeOf(zone: string, address: string): number {
  if (/^\d+$/.test(zone)) return Number(zone);
  const index = interfaceIndex(zone);
  if (index === undefined) throw badAddress(address, `there is no network interface "${zone}"`);
  return index;
}

function badAddress(address: string, reason: string): CamboxError {
  return new CamboxError('bad_argument', {
    verb: 'send to',
    thing: 'the address',
    reason,
    received: address,
    remedy: 'Give an address such as 192.0.2.1, 2001:db8::1 or fe80::1%eth0',
  });
}
