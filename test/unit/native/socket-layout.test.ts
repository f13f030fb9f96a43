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
  MSGHDR,
  SOCKADDR_IN,
  SOCKADDR_IN6,
} from '../../../src/native/socket-layout.ts';
import { IP_RECVERR, IPV6_RECVERR, SO_RCVBUF, SO_SNDBUF, UDP_SEGMENT } from '../../../src/native/udp-socket.ts';

/** What the C compiler of this machine says, one "key value" a line. */
const PROGRAM = `
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
  VALUE(SOL_SOCKET); VALUE(SO_SNDBUF); VALUE(SO_RCVBUF); VALUE(IPPROTO_IP); VALUE(IP_RECVERR); VALUE(IPPROTO_IPV6);
  VALUE(IPV6_RECVERR); VALUE(SOL_UDP); VALUE(UDP_SEGMENT);
  return 0;
}
`;

function compiled(): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'socket-layout-'));
  try {
    writeFileSync(join(folder, 'layout.c'), PROGRAM);
    execFileSync('gcc', ['-o', join(folder, 'layout'), join(folder, 'layout.c')]);
    const lines = execFileSync(join(folder, 'layout'), { encoding: 'utf8' }).trim().split('\n');
    return Object.fromEntries(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('socket structures and constants are those of the C compiler', () => {
  const c = compiled();
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
      SOL_SOCKET: SO_SNDBUF[0],
      SO_SNDBUF: SO_SNDBUF[1],
      SO_RCVBUF: SO_RCVBUF[1],
      IPPROTO_IP: IP_RECVERR[0],
      IP_RECVERR: IP_RECVERR[1],
      IPPROTO_IPV6: IPV6_RECVERR[0],
      IPV6_RECVERR: IPV6_RECVERR[1],
      SOL_UDP: UDP_SEGMENT[0],
      UDP_SEGMENT: UDP_SEGMENT[1],
    },
    c,
  );
});

test('the layout check passes on this machine', () => {
  assert.doesNotThrow(assertSocketLayout);
});
