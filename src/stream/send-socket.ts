import { CamboxError } from '../base/errors.ts';
import { errnoName } from '../native/errno.ts';
import { type SocketSetting, sendGroupsBy } from '../native/multicast.ts';
import { AF_INET, addressFamily, interfaceIndex, isMulticast, type SocketAddress } from '../native/socket-address.ts';
import {
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TOS,
  IP_TTL,
  IP_UNICAST_IF,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_LOOP,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  IPV6_UNICAST_IF,
} from '../native/socket-options.ts';
import { UdpSocket } from '../native/udp-socket.ts';
import type { RtpTarget } from './rtp-target.ts';

/** How packets leave this machine. */
export type SendOptions = Pick<RtpTarget, 'ttl' | 'interface' | 'loop' | 'dscp'>;

/** DSCP are the upper six of eight bits; the lower two are ECN (RFC 2474 §3). */
const DSCP_SHIFT = 2;

/**
 * A socket whose packets to `to` leave as the options say. Throws `bad_argument` (no such interface), `network` (the kernel
 * refuses a socket or an option), `unsupported` as `UdpSocket.open` does.
 */
export function openSendSocket(to: SocketAddress, options: SendOptions): UdpSocket {
  const socket = UdpSocket.open(addressFamily(to.address));
  try {
    for (const [what, [option, value]] of settings(to.address, options)) {
      const errno = socket.setOption(option, value);
      if (errno !== 0) throw refused(what, to, errno);
    }
    return socket;
  } catch (failure) {
    socket[Symbol.dispose]();
    throw failure;
  }
}

/** Our own numeric address as the peer sees it, asked of the routing table; undefined while there is no route. */
export function localAddressTowards(to: SocketAddress, options: SendOptions): string | undefined {
  using scout = openSendSocket(to, options);
  try {
    scout.connect(to);
    return scout.localAddress().address;
  } catch (failure) {
    if (failure instanceof CamboxError && failure.code === 'network') return undefined;
    throw failure;
  }
}

/** The number of an interface. Throws `bad_argument` when there is none of that name. */
export function interfaceNamed(device: string): number {
  const index = interfaceIndex(device);
  if (index !== undefined) return index;
  throw new CamboxError('bad_argument', {
    verb: 'use',
    thing: 'the network interface',
    reason: 'there is none of that name',
    received: device,
    remedy: '`ip link` lists those there are',
  });
}

function settings(address: string, { ttl, interface: device, loop, dscp }: SendOptions): Map<string, SocketSetting> {
  const family = addressFamily(address);
  const isIpv4 = family === AF_INET;
  const isGroup = isMulticast(address);
  const all = new Map<string, SocketSetting>();
  if (dscp !== 0) all.set('DSCP', [isIpv4 ? IP_TOS : IPV6_TCLASS, dscp << DSCP_SHIFT]);
  if (ttl !== undefined) {
    const [toOne, toGroup] = isIpv4 ? [IP_TTL, IP_MULTICAST_TTL] : [IPV6_UNICAST_HOPS, IPV6_MULTICAST_HOPS];
    all.set('TTL', [isGroup ? toGroup : toOne, ttl]);
  }
  if (isGroup) all.set('loop', [isIpv4 ? IP_MULTICAST_LOOP : IPV6_MULTICAST_LOOP, Number(loop)]);
  if (device !== '') {
    const index = interfaceNamed(device);
    const sendOneBy = isIpv4 ? IP_UNICAST_IF : IPV6_UNICAST_IF;
    all.set('interface', isGroup ? sendGroupsBy(family, index) : [sendOneBy, networkOrder(index)]);
  }
  return all;
}

function networkOrder(value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value, false);
  return new Uint8Array(bytes.buffer);
}

function refused(what: string, to: SocketAddress, errno: number): CamboxError {
  const reason = errnoName(errno);
  return new CamboxError('network', { verb: 'set', thing: `the ${what} of an RTP socket`, reason, received: to });
}
