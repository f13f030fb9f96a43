import type { Clock } from '../../base/clock.ts';
import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import type { MonoUs } from '../../base/units.ts';
import { EAGAIN, errnoName } from '../../native/errno.ts';
import { hearGroup, sendGroupsBy } from '../../native/multicast.ts';
import { ReceiveBatch } from '../../native/receive-batch.ts';
import { AF_INET, AF_INET6, addressFamily } from '../../native/socket-address.ts';
import { IP_MULTICAST_TTL, IPV6_V6ONLY, SO_RCVBUF, SO_REUSEADDR } from '../../native/socket-options.ts';
import { UdpSocket } from '../../native/udp-socket.ts';
import { interfaceNamed } from '../send-socket.ts';
import { ArrivalClock } from './arrival-clock.ts';

/** Asked for: half a second of a 1080p stream of high quality, so that a burst or a pause of ours loses nothing. */
const RECEIVE_BUFFER_BYTES = 4 << 20;
/** System calls before other work gets a turn. */
const MAX_READS_PER_TURN = 16;

/** A multicast group to hear, and to report to. */
export interface Group {
  readonly address: string;
  /** How many routers our reports may pass; undefined: none (ip(7)). */
  readonly ttl: number | undefined;
  /** Name of the network interface by which it is heard and reported to; empty: the routing table decides. */
  readonly interface: string;
}

export interface InletHandler {
  /** Takes a datagram; its bytes are valid during the call. */
  take(packet: Uint8Array, arrivedAt: MonoUs): void;
  /** The kernel gave up the socket: nothing more comes. */
  broke(): void;
}

/** A UDP port that hands over what arrives there, with the time of arrival. */
export class UdpInlet implements Disposable {
  readonly port: number;
  /** As the kernel has it: it doubles what it was asked for, and caps it (net.core.rmem_max). */
  readonly receiveBufferBytes: number;
  /** Failed reads by the name of their errno. */
  readonly errors = new ReasonCounts<string>();
  readonly #socket: UdpSocket;
  readonly #handler: InletHandler;
  readonly #logger: Logger;
  readonly #arrival: ArrivalClock;
  readonly #batch = new ReceiveBatch();

  /**
   * Listen on a port of all our addresses, IPv4 and IPv6, or, with a multicast group, as a member of it. Throws `in_use`,
   * `bad_argument` (no such interface), or `network` when the port cannot be bound or the group not joined.
   */
  static open(
    port: number,
    group: Group | undefined,
    handler: InletHandler,
    deps: { clock: Clock; logger: Logger },
  ): UdpInlet {
    const socket = openSocket(port, group);
    try {
      return new UdpInlet(port, socket, handler, deps);
    } catch (failure) {
      socket[Symbol.dispose]();
      throw failure;
    }
  }

  private constructor(
    port: number,
    socket: UdpSocket,
    handler: InletHandler,
    { clock, logger }: { clock: Clock; logger: Logger },
  ) {
    this.port = port;
    this.#socket = socket;
    this.#handler = handler;
    this.#logger = logger;
    this.#arrival = new ArrivalClock(clock);
    socket.setOption(SO_RCVBUF, RECEIVE_BUFFER_BYTES);
    this.receiveBufferBytes = socket.option(SO_RCVBUF);
    ReceiveBatch.prepare(socket);
    socket.watch({ readable: () => this.read(), broke: (thrown) => this.#onBroken(thrown) });
  }

  /** Where the datagram comes from that is being handed over: for `send`. */
  get sender(): Uint8Array {
    return this.#batch.sender;
  }

  /** Send a datagram from this port to an encoded address. Answers 0 or the errno. */
  send(datagram: Uint8Array, to: Uint8Array): number {
    return this.#socket.sendTo(datagram, to);
  }

  /** Close; what has arrived and was not read is gone. Idempotent. */
  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  /** Hand over what has arrived. Happens by itself; at the end it is to be asked for. */
  read(): void {
    this.#arrival.look();
    for (let i = 0; i < MAX_READS_PER_TURN; i++) {
      const errno = this.#batch.read(this.#socket, (packet, realUs) =>
        this.#handler.take(packet, this.#arrival.at(realUs)),
      );
      if (errno === EAGAIN) continue;
      if (errno !== 0) this.#fail(errnoName(errno));
      return;
    }
  }

  #onBroken(thrown: unknown): void {
    if (thrown !== undefined) throw thrown; // a mistake of our own code
    this.#fail('POLLERR');
    this.#handler.broke();
  }

  #fail(errno: string): void {
    if (this.errors.of(errno) === 0) this.#logger.warn('udp_receive_failed', { port: this.port, errno });
    this.errors.add(errno);
  }
}

function openSocket(port: number, group: Group | undefined): UdpSocket {
  if (group !== undefined) return openGroup(port, group);
  try {
    return bound(AF_INET6, '::', port, (socket) => socket.setOption(IPV6_V6ONLY, 0));
  } catch (failure) {
    if (failure instanceof CamboxError && failure.code === 'in_use') throw failure;
    return bound(AF_INET, '0.0.0.0', port); // this machine has no IPv6
  }
}

/** Several receivers of one group may share a port; of unicast packets only one of them would get each. */
function openGroup(port: number, { address, ttl, interface: device }: Group): UdpSocket {
  const family = addressFamily(address);
  const index = device === '' ? 0 : interfaceNamed(device);
  const socket = bound(family, address, port, (it) => it.setOption(SO_REUSEADDR, 1));
  if (ttl !== undefined && family === AF_INET) socket.setOption(IP_MULTICAST_TTL, ttl);
  if (index !== 0) socket.setOption(...sendGroupsBy(family, index));
  const errno = socket.setOption(...hearGroup(address, index));
  if (errno === 0) return socket;
  socket[Symbol.dispose]();
  throw new CamboxError('network', {
    verb: 'join',
    thing: `the multicast group ${address}`,
    reason: errnoName(errno),
    remedy:
      'A group needs an interface (--interface NAME) or a route: ip route add 224.0.0.0/4 dev NAME (ff00::/8 for IPv6)',
  });
}

function bound(
  family: typeof AF_INET | typeof AF_INET6,
  address: string,
  port: number,
  prepare: (socket: UdpSocket) => void = () => undefined,
): UdpSocket {
  const socket = UdpSocket.open(family);
  try {
    prepare(socket);
    socket.bind({ address, port });
    return socket;
  } catch (cause) {
    socket[Symbol.dispose]();
    throw bindFailure(port, cause);
  }
}

function bindFailure(port: number, cause: unknown): unknown {
  const isTaken =
    cause instanceof CamboxError && (cause.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
  if (!isTaken) return cause;
  return new CamboxError('in_use', {
    verb: 'listen on',
    thing: `UDP port ${port}`,
    reason: 'another program uses it',
    remedy: `Choose another port, or find that program: ss -lunp 'sport = :${port}'`,
    cause,
  });
}
