import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** Copies every datagram of an RTP port, and of the RTCP port behind it, to several receivers on this machine. */
export class Relay implements AsyncDisposable {
  readonly #sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets;
  }

  static async open(port: number, to: readonly number[]): Promise<Relay> {
    const sockets = await Promise.all(
      [0, 1].map((offset) =>
        forward(
          port + offset,
          to.map((target) => target + offset),
        ),
      ),
    );
    return new Relay(sockets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.close();
  }
}

async function forward(port: number, to: readonly number[]): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  socket.setRecvBufferSize(4 << 20);
  socket.on('message', (packet) => {
    for (const target of to) socket.send(packet, target, '127.0.0.1');
  });
  socket.on('error', () => undefined); // a receiver that has ended (ECONNREFUSED) is no concern of the others
  return socket;
}
