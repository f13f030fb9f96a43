import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { CamboxError } from '../base/errors.ts';
import type { SocketAddress } from '../native/socket-address.ts';
import { LEAST_PACKET_BYTES } from '../rtp/jpeg-payloader.ts';

const UDP_HEADER_BYTES = 8;
const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;
const MAX_IP_PACKET_BYTES = 65535;

/** The numeric address of a host name (the first the system's resolver gives), resolved once. Throws `bad_argument`, `network`. */
export async function resolveTarget(host: string, port: number): Promise<SocketAddress> {
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw badTarget('the port is not a whole number from 1 to 65535', port, 'Give one, for instance 5004');
  }
  if (host === '') throw badTarget('the host is empty', host, 'Give an address or a host name');
  if (isIP(host) !== 0) return { address: host, port };
  try {
    const { address } = await lookup(host);
    return { address, port };
  } catch (cause) {
    throw new CamboxError('network', {
      verb: 'send to',
      thing: 'the RTP target',
      reason: `the name cannot be resolved (${cause instanceof Error ? cause.message : String(cause)})`,
      received: host,
      remedy: 'Give a numeric address, or check the name server',
      cause,
    });
  }
}

/**
 * RTP packet bytes that fit an IP packet of `mtu` bytes to that address, with `trailerBytes` more behind each. Throws
 * `bad_argument` with the least legal MTU.
 */
export function packetBytesFor(mtu: number, { address }: SocketAddress, trailerBytes = 0): number {
  const headers = UDP_HEADER_BYTES + (isIP(address) === 6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);
  const overhead = headers + trailerBytes;
  const least = overhead + LEAST_PACKET_BYTES;
  if (!Number.isInteger(mtu) || mtu < least || mtu > MAX_IP_PACKET_BYTES) {
    throw badTarget(
      `the MTU is not a whole number from ${least} (headers and tables) to ${MAX_IP_PACKET_BYTES}`,
      mtu,
      `Give at least ${least}; 1500 suits Ethernet`,
    );
  }
  return mtu - overhead;
}

export function checkPacing(pacing: number): void {
  if (pacing >= 0 && pacing <= 1) return;
  throw badTarget('pacing is not a part from 0 to 1', pacing, 'Give 0 for a burst, 0.5 for half the frame interval');
}

function badTarget(reason: string, received: unknown, remedy: string): CamboxError {
  return new CamboxError('bad_argument', { verb: 'send to', thing: 'the RTP target', reason, received, remedy });
}
