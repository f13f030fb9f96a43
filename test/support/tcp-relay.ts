import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A cable between a client and a broker that can be cut and mended. */
export interface TcpRelay extends AsyncDisposable {
  /** Break every connection and refuse new ones. */
  cut(): void;
  mend(): void;
}

export async function startRelay(port: number, target: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  let whole = true;
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
    inner.pipe(outer);
    outer.pipe(inner);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    cut,
    mend: () => {
      whole = true;
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
