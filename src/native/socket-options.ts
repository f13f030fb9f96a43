/** A socket option: its level and its name. */
export type SocketOption = readonly [level: number, name: number];

// <asm-generic/socket.h>, <linux/in.h>, <linux/in6.h>, <linux/udp.h>: the same on x64 and arm64.
const SOL_SOCKET = 1;
const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const SOL_UDP = 17;

/** Several sockets may be bound to one port; each gets what is sent to a group (socket(7)). */
export const SO_REUSEADDR: SocketOption = [SOL_SOCKET, 2];
export const SO_SNDBUF: SocketOption = [SOL_SOCKET, 7];
export const SO_RCVBUF: SocketOption = [SOL_SOCKET, 8];

/** Report every ICMP error about our packets as the result of a later send (ip(7), ipv6(7)). */
export const IP_RECVERR: SocketOption = [IPPROTO_IP, 11];
export const IPV6_RECVERR: SocketOption = [IPPROTO_IPV6, 25];

/** The byte with DSCP in its upper six bits (RFC 2474 §3). */
export const IP_TOS: SocketOption = [IPPROTO_IP, 1];
export const IPV6_TCLASS: SocketOption = [IPPROTO_IPV6, 67];

/** How many routers a packet may pass, to one machine and to a group. */
export const IP_TTL: SocketOption = [IPPROTO_IP, 2];
export const IP_MULTICAST_TTL: SocketOption = [IPPROTO_IP, 33];
export const IPV6_UNICAST_HOPS: SocketOption = [IPPROTO_IPV6, 16];
export const IPV6_MULTICAST_HOPS: SocketOption = [IPPROTO_IPV6, 18];

/** Whether listeners of a group on this machine get what we send to it. */
export const IP_MULTICAST_LOOP: SocketOption = [IPPROTO_IP, 34];
export const IPV6_MULTICAST_LOOP: SocketOption = [IPPROTO_IPV6, 19];

/** The interface that packets leave by: an index in network byte order; needs no privilege, unlike SO_BINDTODEVICE. */
export const IP_UNICAST_IF: SocketOption = [IPPROTO_IP, 50];
export const IPV6_UNICAST_IF: SocketOption = [IPPROTO_IPV6, 76];
/** The same for groups: a `struct ip_mreqn` over IPv4, an index in host byte order over IPv6. */
export const IP_MULTICAST_IF: SocketOption = [IPPROTO_IP, 32];
export const IPV6_MULTICAST_IF: SocketOption = [IPPROTO_IPV6, 17];

/** Listen to a group: a `struct ip_mreqn`, a `struct ipv6_mreq`. */
export const IP_ADD_MEMBERSHIP: SocketOption = [IPPROTO_IP, 35];
export const IPV6_ADD_MEMBERSHIP: SocketOption = [IPPROTO_IPV6, 20];

/** Whether an IPv6 socket leaves IPv4 alone (ipv6(7)). */
export const IPV6_V6ONLY: SocketOption = [IPPROTO_IPV6, 26];

/** Tell when each datagram arrived: a control message of this level and type, a `struct timespec` (socket(7)). */
export const SO_TIMESTAMPNS: SocketOption = [SOL_SOCKET, 35];
/** Hand over several datagrams as one, and their length in a control message of this level and type (udp(7), Linux 5.0). */
export const UDP_GRO: SocketOption = [SOL_UDP, 104];

/** Bytes a segment; as an option only asked for to see whether the kernel knows it (udp(7), Linux 4.18). */
export const UDP_SEGMENT: SocketOption = [SOL_UDP, 103];
