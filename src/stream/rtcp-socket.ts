import { CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { errnoName } from '../native/errno.ts';
import { hearGroup } from '../native/multicast.ts';
import {
  AF_INET,
  addressFamily,
  encodeSocketAddress,
  isMulticast,
  type SocketAddress,
} from '../native/socket-address.ts';
import { SO_REUSEADDR } from '../native/socket-options.ts';
import type { UdpSocket } from '../native/udp-socket.ts';
import type { RtpTarget } from './rtp-target.ts';
import { interfaceNamed, openSendSocket, type SendOptions } from './send-socket.ts';

/** Datagrams read before other work gets a turn. */
const MAX_READS_PER_TURN = 16;
/** A longer one is no report about one stream. */
const MAX_DATAGRAM_BYTES = 2048;

/** RTCP goes to the port behind RTP's (RFC 3550 §11). Throws `bad_argument` when there is none. */
function rtcpAddress({ address, port }: SocketAddress): SocketAddress {
  if (port < 65535) return { address, port: port + 1 };
  throw new CamboxError('bad_argument', {
    verb: 'send RTCP to',
    thing: 'the RTP target',
    reason: 'it goes to the next port, and there is none',
    received: port,
    remedy: 'Take an even port, for instance 5004, or switch RTCP off (rtcp false, --no-rtcp)',
  });
}

export type RtcpOptions = SendOptions & Pick<RtpTarget, 'rtcpPort'>;

/** In a group all reports go to all (RFC 3550 §6.2): the socket listens to the port that it sends to. */
function joinGroup(socket: UdpSocket, to: SocketAddress, any: string, device: string): void {
  socket.setOption(SO_REUSEADDR, 1); // others on this machine may listen, too
  socket.bind({ address: any, port: to.port });
  const [option, value] = hearGroup(to.address, device === '' ? 0 : interfaceNamed(device));
  const errno = socket.setOption(option, value);
  if (errno === 0) return;
  const reason = errnoName(errno);
  throw new CamboxError('network', { verb: 'hear', thing: 'the RTCP of a multicast group', reason, received: to });
}

/** A socket for the RTCP of one stream: small datagrams now and then, in both directions. */
export class RtcpSocket implements Disposable {
  /** Also known when the socket is closed: the last report tells it. */
  readonly localPort: number;
  readonly #socket: UdpSocket;
  readonly #to: Uint8Array;
  readonly #datagram = new Uint8Array(MAX_DATAGRAM_BYTES);
  readonly #onDatagram: (datagram: Uint8Array) => void;

  /**
   * @param rtpTarget where the stream's RTP goes
   * @param onDatagram called for each that came; the bytes are valid during the call
   *
   * Throws `bad_argument` as `openSendSocket` does, or `network` when the local port is taken.
   */
  static open(
    rtpTarget: SocketAddress,
    options: RtcpOptions,
    onDatagram: (datagram: Uint8Array) => void,
    logger: Logger,
  ): RtcpSocket {
    const to = rtcpAddress(rtpTarget);
    const socket = openSendSocket(to, options);
    try {
      const any = addressFamily(to.address) === AF_INET ? '0.0.0.0' : '::';
      if (isMulticast(to.address)) joinGroup(socket, to, any, options.interface);
      else socket.bind({ address: any, port: options.rtcpPort });
      return new RtcpSocket(socket, encodeSocketAddress(to), onDatagram, logger);
    } catch (failure) {
      socket[Symbol.dispose]();
      throw failure;
    }
  }

  private constructor(socket: UdpSocket, to: Uint8Array, onDatagram: (datagram: Uint8Array) => void, logger: Logger) {
    this.localPort = socket.localAddress().port;
    this.#socket = socket;
    this.#to = to;
    this.#onDatagram = onDatagram;
    socket.watch({
      readable: () => this.#read(),
      broke: (thrown) => logger.error('rtcp_reading_stopped', { error: String(thrown ?? 'socket error') }),
    });
  }

  /** Answers 0 or the errno. */
  send(datagram: Uint8Array): number {
    return this.#socket.sendTo(datagram, this.#to);
  }

  #read(): void {
    for (let i = 0; i < MAX_READS_PER_TURN; i++) {
      const length = this.#socket.receive(this.#datagram);
      if (length < 0) return;
      this.#onDatagram(this.#datagram.subarray(0, length));
    }
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}
