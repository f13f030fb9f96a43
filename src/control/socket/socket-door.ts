import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Logger } from '../../base/logger.ts';
import { RepeatGate } from '../repeat-gate.ts';
import { type ConnectionDeps, serveConnection } from './connection.ts';
import { listenOnUnixSocket } from './listen.ts';

const MAX_CLIENTS = 16;
/** How long a client may take to read its last answers when the door closes. */
const GOODBYE_MS = 1000;
/** At most one log line about refused clients in that time. */
const REFUSAL_LOG_MS = 60_000;

export interface SocketDoorDeps extends ConnectionDeps {
  readonly logger: Logger;
}

export interface SocketDoor extends AsyncDisposable {
  readonly path: string;
  /** How many are connected. */
  readonly clients: number;
}

/**
 * The control socket of the CLI: the same commands as over MQTT, plus the query `status`. At most 16 clients; more are
 * hung up on. Disposing hangs up and removes the socket. Throws `in_use` when another daemon answers there,
 * `not_writable`, `bad_argument`.
 */
export async function openSocketDoor(path: string, deps: SocketDoorDeps): Promise<SocketDoor> {
  const clients = new Set<Socket>();
  const refusals = new RepeatGate(deps.clock, REFUSAL_LOG_MS);
  const server = createServer((socket) => {
    if (clients.size >= MAX_CLIENTS) {
      socket.destroy();
      const repeats = refusals.pass();
      if (repeats !== undefined) deps.logger.warn('socket_clients_exceeded', { most: MAX_CLIENTS, repeats });
      return;
    }
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    serveConnection(socket, deps);
  });
  await listenOnUnixSocket(server, path);
  server.on('error', (err) => deps.logger.error('socket_failed', { path, err }));
  deps.logger.info('socket_open', { path });
  const closed = once(server, 'close').then(() => undefined);
  return {
    path,
    get clients() {
      return clients.size;
    },
    async [Symbol.asyncDispose]() {
      server.close(); // removes the socket from the file system
      for (const client of clients) client.destroySoon();
      const cancel = deps.clock.after(GOODBYE_MS, () => {
        for (const client of clients) client.destroy();
      });
      await closed;
      cancel();
    },
  };
}
