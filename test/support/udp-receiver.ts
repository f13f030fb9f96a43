import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Room for a few frames that are sent in a burst. */
const RECEIVE_BUFFER_BYTES = 4 << 20;
const WAIT_MS = 10_000;

/** A real UDP socket on loopback that keeps what it receives. */
export interface UdpReceiver extends AsyncDisposable {
  readonly port: number;
  readonly packets: Buffer[];
  /** Resolves with the packets so far when there are at least `count`. */
  received(count: number): Promise<Buffer[]>;
  /** Answer to a port of the same address. */
  send(datagram: Uint8Array, port: number): Promise<void>;
}

export async function openUdpReceiver(address = '127.0.0.1', port = 0): Promise<UdpReceiver> {
  const socket = createSocket({
    type: address.includes(':') ? 'udp6' : 'udp4',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  });
  const packets: Buffer[] = [];
  socket.on('message', (packet) => packets.push(packet));
  socket.bind(port, address);
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    packets,
    async received(count) {
      const signal = AbortSignal.timeout(WAIT_MS);
      while (packets.length < count) {
        await once(socket, 'message', { signal }).catch((cause: unknown) => {
          throw new Error(`${packets.length} of ${count} packets after ${WAIT_MS} ms`, { cause });
        });
      }
      return packets;
    },
    send: (datagram, to) =>
      new Promise((resolve, reject) => {
        socket.send(datagram, to, address, (error) => (error === null ? resolve() : reject(error)));
      }),
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** A loopback port on which nobody listens. */
export async function closedPort(): Promise<number> {
  await using receiver = await openUdpReceiver();
  return receiver.port;
}
