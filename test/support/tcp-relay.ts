import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A cable between a client and a broker that can be cut and mended. */
export interface TcpRelay extends AsyncDisposable {
  /** Break every connection and refuse new ones. */
  cut(): void;
  mend(): void;
  /** Connections stay and nothing passes any more: what a client sees when a link dies without a word. */
  freeze(): void;
}

export async function startRelay(port: number, target: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  let whole = true;
  let frozen = false;
  const server = createServer((inner) => {
    if (!whole) {
      inner.destroy();
      return;
    }
    const outer = connect(target, '127.0.0.1');
    for (const socket of [inner, outer]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('close', () => sockets.delete(socket));
    }
    inner.on('error', () => outer.destroy()).on('close', () => outer.destroy());
    outer.on('error', () => inner.destroy()).on('close', () => inner.destroy());
    inner.on('data', (bytes) => outer.write(bytes));
    outer.on('data', (bytes) => inner.write(bytes));
    if (frozen) inner.pause();
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    cut,
    mend() {
      whole = true;
      frozen = false;
    },
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
