import { AF_INET, addressFamily, encodeSocketAddress } from './socket-address.ts';
import { IP_MREQN, IPV6_MREQ, SOCKADDR_IN, SOCKADDR_IN6 } from './socket-layout.ts';
import {
  IP_ADD_MEMBERSHIP,
  IP_MULTICAST_IF,
  IPV6_ADD_MEMBERSHIP,
  IPV6_MULTICAST_IF,
  type SocketOption,
} from './socket-options.ts';

/** An option with the value that it is to be set to. */
export type SocketSetting = readonly [option: SocketOption, value: number | Uint8Array];

/** Send to groups by the interface of that index (ip(7), ipv6(7)). */
export const sendGroupsBy = (family: number, index: number): SocketSetting =>
  family === AF_INET ? [IP_MULTICAST_IF, ipMreqn(undefined, index)] : [IPV6_MULTICAST_IF, index];

/** Hear a group by the interface of that index; 0 leaves the choice to the kernel. */
export function hearGroup(group: string, index: number): SocketSetting {
  const address = encodeSocketAddress({ address: group, port: 0 });
  if (addressFamily(group) === AF_INET)
    return [IP_ADD_MEMBERSHIP, ipMreqn(address.subarray(SOCKADDR_IN.address), index)];
  return [IPV6_ADD_MEMBERSHIP, ipv6Mreq(address.subarray(SOCKADDR_IN6.address), index)];
}

function ipMreqn(group: Uint8Array | undefined, index: number): Uint8Array {
  const bytes = new Uint8Array(IP_MREQN.size);
  if (group !== undefined) bytes.set(group.subarray(0, 4), IP_MREQN.group);
  new DataView(bytes.buffer).setInt32(IP_MREQN.index, index, true);
  return bytes;
}

function ipv6Mreq(group: Uint8Array, index: number): Uint8Array {
  const bytes = new Uint8Array(IPV6_MREQ.size);
  bytes.set(group.subarray(0, 16), IPV6_MREQ.group);
  new DataView(bytes.buffer).setUint32(IPV6_MREQ.index, index, true);
  return bytes;
}
