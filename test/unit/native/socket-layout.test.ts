import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  assertSocketLayout,
  CMSGHDR,
  IOVEC,
  IP_MREQN,
  IPV6_MREQ,
  MMSGHDR,
  MSGHDR,
  SOCKADDR_IN,
  SOCKADDR_IN6,
} from '../../../src/native/socket-layout.ts';
import * as options from '../../../src/native/socket-options.ts';

/** What the C compiler of this machine says, one "key value" a line. */
const PROGRAM = `
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#define SIZE(name) printf("size." #name " %zu\\n", sizeof(struct name))
#define AT(name, member) printf(#name "." #member " %zu\\n", offsetof(struct name, member))
#define VALUE(name) printf(#name " %d\\n", (int)name)
int main(void) {
  SIZE(msghdr); AT(msghdr, msg_name); AT(msghdr, msg_namelen); AT(msghdr, msg_iov); AT(msghdr, msg_iovlen);
  AT(msghdr, msg_control); AT(msghdr, msg_controllen); AT(msghdr, msg_flags);
  SIZE(iovec); AT(iovec, iov_base); AT(iovec, iov_len);
  SIZE(cmsghdr); AT(cmsghdr, cmsg_len); AT(cmsghdr, cmsg_level); AT(cmsghdr, cmsg_type);
  SIZE(sockaddr_in); AT(sockaddr_in, sin_family); AT(sockaddr_in, sin_port); AT(sockaddr_in, sin_addr);
  SIZE(sockaddr_in6); AT(sockaddr_in6, sin6_family); AT(sockaddr_in6, sin6_port); AT(sockaddr_in6, sin6_flowinfo);
  AT(sockaddr_in6, sin6_addr); AT(sockaddr_in6, sin6_scope_id);
  printf("cmsg_space %zu\\n", CMSG_SPACE(sizeof(unsigned short)));
  printf("cmsg_len %zu\\n", CMSG_LEN(sizeof(unsigned short)));
  SIZE(mmsghdr); AT(mmsghdr, msg_hdr); AT(mmsghdr, msg_len);
  SIZE(ip_mreqn); AT(ip_mreqn, imr_multiaddr); AT(ip_mreqn, imr_address); AT(ip_mreqn, imr_ifindex);
  SIZE(ipv6_mreq); AT(ipv6_mreq, ipv6mr_multiaddr); AT(ipv6_mreq, ipv6mr_interface);
  return 0;
}
`;

const LEVELS: readonly (readonly [prefix: string, level: string])[] = [
  ['SO_', 'SOL_SOCKET'],
  ['IP_', 'IPPROTO_IP'],
  ['IPV6_', 'IPPROTO_IPV6'],
  ['UDP_', 'SOL_UDP'],
];

/** Prints level and value of each option that we know. */
const OPTIONS_PROGRAM = `
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>
int main(void) {
${Object.keys(options)
  .map((name) => {
    const level = LEVELS.find(([prefix]) => name.startsWith(prefix))?.[1];
    return `  printf("${name} %d\\n", (int)${level} * 1000 + (int)${name});`;
  })
  .join('\n')}
  return 0;
}
`;

function compiled(program: string): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'socket-layout-'));
  try {
    writeFileSync(join(folder, 'layout.c'), program);
    execFileSync('gcc', ['-o', join(folder, 'layout'), join(folder, 'layout.c')]);
    const lines = execFileSync(join(folder, 'layout'), { encoding: 'utf8' }).trim().split('\n');
    return Object.fromEntries(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('socket structures are those of the C compiler', () => {
  const c = compiled(PROGRAM);
  assert.deepEqual(
    {
      'size.msghdr': MSGHDR.size,
      'msghdr.msg_name': MSGHDR.name,
      'msghdr.msg_namelen': MSGHDR.nameLength,
      'msghdr.msg_iov': MSGHDR.iov,
      'msghdr.msg_iovlen': MSGHDR.iovLength,
      'msghdr.msg_control': MSGHDR.control,
      'msghdr.msg_controllen': MSGHDR.controlLength,
      'msghdr.msg_flags': MSGHDR.flags,
      'size.iovec': IOVEC.size,
      'iovec.iov_base': IOVEC.base,
      'iovec.iov_len': IOVEC.length,
      'size.cmsghdr': CMSGHDR.size,
      'cmsghdr.cmsg_len': CMSGHDR.length,
      'cmsghdr.cmsg_level': CMSGHDR.level,
      'cmsghdr.cmsg_type': CMSGHDR.type,
      'size.sockaddr_in': SOCKADDR_IN.size,
      'sockaddr_in.sin_family': SOCKADDR_IN.family,
      'sockaddr_in.sin_port': SOCKADDR_IN.port,
      'sockaddr_in.sin_addr': SOCKADDR_IN.address,
      'size.sockaddr_in6': SOCKADDR_IN6.size,
      'sockaddr_in6.sin6_family': SOCKADDR_IN6.family,
      'sockaddr_in6.sin6_port': SOCKADDR_IN6.port,
      'sockaddr_in6.sin6_flowinfo': SOCKADDR_IN6.flowInfo,
      'sockaddr_in6.sin6_addr': SOCKADDR_IN6.address,
      'sockaddr_in6.sin6_scope_id': SOCKADDR_IN6.scopeId,
      cmsg_space: CMSGHDR.size + 8,
      cmsg_len: CMSGHDR.size + 2,
      'size.mmsghdr': MMSGHDR.size,
      'mmsghdr.msg_hdr': MMSGHDR.header,
      'mmsghdr.msg_len': MMSGHDR.sent,
      'size.ip_mreqn': IP_MREQN.size,
      'ip_mreqn.imr_multiaddr': IP_MREQN.group,
      'ip_mreqn.imr_address': IP_MREQN.address,
      'ip_mreqn.imr_ifindex': IP_MREQN.index,
      'size.ipv6_mreq': IPV6_MREQ.size,
      'ipv6_mreq.ipv6mr_multiaddr': IPV6_MREQ.group,
      'ipv6_mreq.ipv6mr_interface': IPV6_MREQ.index,
    },
    c,
  );
});

test('socket options are those of the C headers', () => {
  const ours = Object.entries(options).map(([name, [level, value]]) => [name, level * 1000 + value]);
  assert.deepEqual(Object.fromEntries(ours), compiled(OPTIONS_PROGRAM));
});

test('the layout check passes on this machine', () => {
  assert.doesNotThrow(assertSocketLayout);
});
