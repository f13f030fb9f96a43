import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, type TestAuthority } from './certificates.ts';

/** What the server does with the next request of a kind, instead of serving it. */
export type Mishap =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** The connection is cut after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Nothing is read any more, and nothing answered. */
  | { readonly kind: 'stall' };

/** A real HTTPS server, with a certificate authority of its own, that takes PUT and keeps the files in memory. */
export class PutServer implements AsyncDisposable {
  readonly files = new Map<string, Buffer>();
  /** `PUT clip.mp4`, in their order. */
  readonly requests: string[] = [];
  /** By method: what goes wrong next. */
  readonly mishaps = new Map<string, Mishap[]>();
  readonly ca: string;
  /** Only with this key; any when undefined. */
  token: string | undefined;
  readonly #authority: TestAuthority;
  readonly #server: Server;

  static async open(): Promise<PutServer> {
    const authority = await createAuthority();
    const { cert, key } = await authority.issue('localhost');
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PutServer(authority, server);
  }

  private constructor(authority: TestAuthority, server: Server) {
    this.ca = authority.ca;
    this.#authority = authority;
    this.#server = server;
    server.on('request', (request, response) => void this.#answer(request, response));
    server.on('tlsClientError', () => undefined);
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}/box/`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const file = decodeURIComponent(url.replace('/box/', ''));
    this.requests.push(`${method} ${file}`);
    const mishap = this.mishaps.get(`${method} ${file}`)?.shift() ?? this.mishaps.get(method)?.shift();
    const body: Buffer[] = [];
    let bytes = 0;
    try {
      if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
        return void response.writeHead(401).end();
      }
      if (mishap?.kind === 'status') {
        const headers = mishap.retryAfter === undefined ? {} : { 'retry-after': mishap.retryAfter };
        return void response.writeHead(mishap.status, headers).end();
      }
      if (mishap?.kind === 'stall') return;
      for await (const chunk of request as AsyncIterable<Buffer>) {
        body.push(chunk);
        bytes += chunk.length;
        if (mishap !== undefined && bytes >= mishap.afterBytes) return void request.socket.destroy();
      }
      if (mishap !== undefined) return void request.socket.destroy();
    } catch {
      return; // the other end has gone
    }
    const stored = this.files.get(file);
    if (method === 'PUT') {
      this.files.set(file, Buffer.concat(body));
      response.writeHead(stored === undefined ? 201 : 204).end();
    } else if (method === 'DELETE') response.writeHead(this.files.delete(file) ? 204 : 404).end();
    else if (stored === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-length': stored.length }).end(method === 'HEAD' ? undefined : stored);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.#authority[Symbol.asyncDispose]();
  }
}
