import { AF_INET, encodeSocketAddress } from '../../src/native/socket-address.ts';
import { UdpSocket } from '../../src/native/udp-socket.ts';

/** Sends datagrams to ports of 127.0.0.1 at once: when `send` returns, they are in the receiver's socket, still unread. */
export class PromptSender implements Disposable {
  readonly #socket = UdpSocket.open(AF_INET);

  send(port: number, ...datagrams: readonly Uint8Array[]): void {
    const to = encodeSocketAddress({ address: '127.0.0.1', port });
    for (const datagram of datagrams) {
      const errno = this.#socket.sendTo(datagram, to);
      if (errno !== 0) throw new Error(`sendto port ${port}: errno ${errno}`);
    }
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}
