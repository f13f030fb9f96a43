import { createSocket, type Socket, type SocketType } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { CamboxError } from '../../base/errors.ts';

/** Asked for: half a second of a 1080p stream of high quality, so that a burst or a pause of ours loses nothing. */
const RECEIVE_BUFFER_BYTES = 4 << 20;
/** This kernel has no IPv6. */
const NO_IPV6: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

/**
 * A UDP socket on a port of all our addresses, IPv4 and IPv6, or, with a multicast group, a member of it. Throws `in_use`
 * or `network`.
 */
export async function bindUdp(port: number, group: string | undefined): Promise<Socket> {
  if (group !== undefined) return join(await open(isIPv6(group) ? 'udp6' : 'udp4', port, true), group);
  try {
    return await open('udp6', port, false);
  } catch (failure) {
    if (NO_IPV6.has(errnoOf(failure))) return open('udp4', port, false);
    throw failure;
  }
}

/** Several receivers of one group may share a port (`reuseAddr`); of unicast packets only one would get each. */
async function open(type: SocketType, port: number, reuseAddr: boolean): Promise<Socket> {
  const socket = createSocket({ type, reuseAddr, recvBufferSize: RECEIVE_BUFFER_BYTES });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, resolve);
    });
  } catch (cause) {
    socket.close();
    throw bindFailure(port, cause);
  }
  socket.removeAllListeners('error');
  return socket;
}

function join(socket: Socket, group: string): Socket {
  try {
    socket.addMembership(group);
    return socket;
  } catch (cause) {
    socket.close();
    throw new CamboxError('network', {
      verb: 'join',
      thing: `the multicast group ${group}`,
      reason: errnoOf(cause),
      remedy: 'Look at the routes (ip route): a multicast group needs one',
      cause,
    });
  }
}

function bindFailure(port: number, cause: unknown): CamboxError {
  const errno = errnoOf(cause);
  const isTaken = errno === 'EADDRINUSE';
  return new CamboxError(isTaken ? 'in_use' : 'network', {
    verb: 'listen on',
    thing: `UDP port ${port}`,
    reason: isTaken ? 'another program uses it' : errno,
    ...(isTaken && { remedy: `Choose another port, or find that program: ss -lunp 'sport = :${port}'` }),
    cause,
  });
}

/** The errno of a failed call, also of one that an error of ours tells of. */
function errnoOf(failure: unknown): string {
  const cause = failure instanceof CamboxError ? failure.cause : failure;
  return (cause as NodeJS.ErrnoException).code ?? String(cause);
}
