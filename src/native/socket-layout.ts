import { CamboxError } from '../base/errors.ts';
import { koffi } from './koffi.ts';

/**
 * Where the members of the C library's socket structures lie on 64-bit little-endian Linux (x64 and arm64 agree).
 * Sources: POSIX <sys/socket.h>, <sys/uio.h>, <netinet/in.h>. The hot path writes them into raw buffers, because
 * marshalling a struct from an object costs microseconds a call; `assertSocketLayout` holds them against the ABI.
 */
export const MSGHDR = {
  size: 56,
  name: 0,
  nameLength: 8,
  iov: 16,
  iovLength: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
} as const;
/** A `struct msghdr` and the length that was sent, padded to 8 bytes (sendmmsg(2)). */
export const MMSGHDR = { size: 64, header: 0, sent: 56 } as const;
export const IOVEC = { size: 16, base: 0, length: 8 } as const;
export const CMSGHDR = { size: 16, length: 0, level: 8, type: 12 } as const;
export const SOCKADDR_IN = { size: 16, family: 0, port: 2, address: 4 } as const;
export const SOCKADDR_IN6 = { size: 28, family: 0, port: 2, flowInfo: 4, address: 8, scopeId: 24 } as const;

/** <linux/in.h>, <linux/in6.h>: a group, and the interface to send or hear it by. */
export const IP_MREQN = { size: 12, group: 0, address: 4, index: 8 } as const;
export const IPV6_MREQ = { size: 20, group: 0, index: 16 } as const;

type Members = Readonly<Record<string, number>> & { readonly size: number };
/** A member's C type: its name in koffi, or an array of that many bytes, or of words of 8 bytes. */
type CType = string | { readonly bytes: number } | { readonly words: number };

interface Structure {
  readonly name: string;
  readonly ours: Members;
  readonly types: Readonly<Record<string, CType>>;
}

const STRUCTURES: readonly Structure[] = [
  {
    name: 'msghdr',
    ours: MSGHDR,
    types: {
      name: 'void *',
      nameLength: 'uint32_t',
      iov: 'void *',
      iovLength: 'size_t',
      control: 'void *',
      controlLength: 'size_t',
      flags: 'int',
    },
  },
  { name: 'mmsghdr', ours: MMSGHDR, types: { header: { words: MSGHDR.size / 8 }, sent: 'unsigned int' } },
  { name: 'iovec', ours: IOVEC, types: { base: 'void *', length: 'size_t' } },
  { name: 'cmsghdr', ours: CMSGHDR, types: { length: 'size_t', level: 'int', type: 'int' } },
  {
    name: 'sockaddr_in',
    ours: SOCKADDR_IN,
    types: { family: 'uint16_t', port: 'uint16_t', address: { bytes: 4 }, zero: { bytes: 8 } },
  },
  {
    name: 'sockaddr_in6',
    ours: SOCKADDR_IN6,
    types: {
      family: 'uint16_t',
      port: 'uint16_t',
      flowInfo: 'uint32_t',
      address: { bytes: 16 },
      scopeId: 'uint32_t',
    },
  },
  { name: 'ip_mreqn', ours: IP_MREQN, types: { group: 'uint32_t', address: 'uint32_t', index: 'int' } },
  { name: 'ipv6_mreq', ours: IPV6_MREQ, types: { group: { bytes: 16 }, index: 'unsigned int' } },
];

const isLittleEndian = (): boolean => new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * Compare the layouts above with the ones this machine's C ABI gives. Throws `unsupported`, naming the first structure
 * that differs: raw socket calls must then not be made.
 */
export function assertSocketLayout(): void {
  if (!isLittleEndian()) throw mismatch('byte order', 'little-endian', 'big-endian');
  for (const { name, ours, types } of STRUCTURES) {
    const members = Object.entries(types).map(([member, type]) => [member, koffiType(type)]);
    const struct = koffi.struct(Object.fromEntries(members));
    if (struct.size !== ours.size) throw mismatch(`size of ${name}`, ours.size, struct.size);
    for (const member of Object.keys(types)) {
      const here = koffi.offsetof(struct, member);
      const expected = ours[member];
      if (expected !== undefined && expected !== here) throw mismatch(`${name}.${member}`, expected, here);
    }
  }
}

function koffiType(type: CType) {
  if (typeof type === 'string') return type;
  return 'bytes' in type ? koffi.array('uint8_t', type.bytes) : koffi.array('uint64_t', type.words);
}

function mismatch(what: string, expected: unknown, here: unknown): CamboxError {
  return new CamboxError('unsupported', {
    verb: 'use',
    thing: 'raw sockets on this machine',
    reason: `the ${what} is not ${String(expected)}`,
    received: here,
    remedy: 'Choose the transport "dgram"',
  });
}
