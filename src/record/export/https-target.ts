import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { CamboxError } from '../../base/errors.ts';
import type { ExportTarget, OpenSource } from './export-target.ts';

export interface HttpsOptions {
  /** PEM: who signs the server's certificate (instead of the system's authorities), and what we show. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  /** How often a file is tried. Default 8: about two minutes. */
  readonly tries?: number;
  /** The connection counts as broken when nothing has moved for so long. Default 30 s. */
  readonly silentMs?: number;
}

export interface HttpsDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Told before another attempt is waited for. */
  onRetry(file: string, reason: string, waitMs: number): void;
}

const SILENT_MS = 30_000;
const TRIES = 8;
const WAIT = { firstMs: 1000, maxMs: 30_000 };
/** A server may ask for more patience than ours, up to this. */
const MOST_WAIT_MS = 120_000;
const MOST_TEXT_BYTES = 64 << 20;
/** Timeout, too early, too many requests (RFC 9110 §15.5.9, RFC 8470, RFC 6585); 5xx is the server's fault. */
const PASSING = new Set([408, 425, 429]);

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/**
 * A folder on a server that takes `PUT` (RFC 9110 §9.3.4): WebDAV, an object store's gateway, nginx. What may pass (a broken
 * connection, silence, 5xx) is tried again from the file's beginning, ever more rarely.
 */
export class HttpsTarget implements ExportTarget {
  readonly name: string;
  readonly #base: URL;
  readonly #options: HttpsOptions;
  readonly #deps: HttpsDeps;
  readonly #agent: Agent;

  /** Throws `bad_argument` for what is no https address. */
  constructor(address: string, options: HttpsOptions, deps: HttpsDeps) {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url?.protocol !== 'https:' || url.search !== '' || url.hash !== '' || url.username !== '') {
      throw new CamboxError('bad_argument', {
        ...{ verb: 'export to', thing: 'an address', reason: 'it must read https://HOST/FOLDER/', received: address },
        remedy: 'A key goes into a file, for --token-file',
      });
    }
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    this.name = url.href;
    this.#base = url;
    this.#options = options;
    this.#deps = deps;
    const { ca, cert, key } = options;
    const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ...tls });
  }

  async readText(file: string): Promise<string | undefined> {
    const { status, text } = await this.#untilAnswered(file, () => this.#ask('GET', file));
    return status === 200 ? text : undefined;
  }

  async has(file: string, bytes: number): Promise<boolean> {
    const { status, headers } = await this.#untilAnswered(file, () => this.#ask('HEAD', file));
    return status === 200 && headers['content-length'] === String(bytes);
  }

  async put(file: string, open: OpenSource): Promise<void> {
    const { status } = await this.#untilAnswered(file, () => this.#upload(file, open));
    if (status >= 200 && status < 300) return;
    const isRefused = status === 401 || status === 403;
    const isFull = status === 507; // RFC 4918 §11.5
    throw new CamboxError(isRefused ? 'not_permitted' : isFull ? 'disk_full' : 'network', {
      ...{ verb: 'put', thing: `${this.name}${file}`, reason: `the server answered ${status}` },
      ...(isRefused && { remedy: 'Give a key that may write there with --token-file, or --cert and --key' }),
    });
  }

  async remove(file: string): Promise<void> {
    await this.#untilAnswered(file, () => this.#ask('DELETE', file)); // who may not, leaves it
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
  }

  async #untilAnswered(file: string, attempt: () => Promise<Answer>): Promise<Answer> {
    const { tries = TRIES } = this.#options;
    const backoff = new Backoff(WAIT, this.#deps.random);
    for (let i = 1; ; i++) {
      const outcome = await attempt().catch((failure: unknown) => failure);
      this.#deps.signal.throwIfAborted();
      const isAnswer = !(outcome instanceof Error);
      const answer = isAnswer ? (outcome as Answer) : undefined;
      if (answer !== undefined && !PASSING.has(answer.status) && answer.status < 500) return answer;
      if (answer?.status === 507) return answer;
      const reason = answer === undefined ? wordsOf(outcome) : `the server answered ${answer.status}`;
      if (outcome instanceof CamboxError) throw outcome;
      if (i >= tries || isFinal(outcome)) throw this.#cannot(file, reason, i, outcome);
      const waitMs = Math.max(backoff.nextMs(), retryAfterMs(answer));
      this.#deps.onRetry(file, reason, waitMs);
      await this.#deps.clock.sleep(waitMs, this.#deps.signal);
      this.#deps.signal.throwIfAborted();
    }
  }

  async #ask(method: 'GET' | 'HEAD' | 'DELETE', file: string): Promise<Answer> {
    const sent = this.#request(method, file, {});
    sent.end();
    return await answerTo(sent);
  }

  async #upload(file: string, open: OpenSource): Promise<Answer> {
    const { bytes, stream } = await open();
    const headers = { 'content-type': 'application/octet-stream', 'content-length': bytes };
    const sent = this.#request('PUT', file, headers);
    const answered = answerTo(sent);
    const source = Readable.from(stream, { objectMode: false });
    const sending = pipeline(source, sent);
    // a server may answer before it has everything: then nobody waits for the rest
    const first = await Promise.race([answered, sending.then(() => undefined)]).catch((failure: unknown) => {
      throw source.errored instanceof CamboxError ? source.errored : failure; // not the network's fault
    });
    if (first === undefined) return await answered;
    sending.catch(() => undefined); // it is broken off on purpose
    sent.destroy();
    return first;
  }

  #request(method: string, file: string, headers: Readonly<Record<string, string | number>>): ClientRequest {
    const { token, silentMs = SILENT_MS } = this.#options;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const sent = request(new URL(encodeURIComponent(file), this.#base), {
      ...{ method, agent: this.#agent, signal: this.#deps.signal, headers: { ...authorization, ...headers } },
    });
    sent.setTimeout(silentMs, () => sent.destroy(new Error(`nothing moved for ${silentMs / 1000} s`)));
    return sent;
  }

  #cannot(file: string, reason: string, tries: number, cause: unknown): CamboxError {
    return new CamboxError('network', {
      ...{ verb: 'reach', thing: `${this.name}${file}`, reason: `${reason} (tried ${tries} times)`, cause },
      remedy: isFinal(cause)
        ? 'Look at the certificate of the server: --ca names who signed it'
        : 'Run it again when the connection is back, and it goes on from there',
    });
  }
}

/** The whole answer, when it is there. */
function answerTo(sent: ClientRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  sent.on('error', reject);
  sent.on('response', (response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_TEXT_BYTES) chunks.push(chunk);
    });
    response.on('error', reject);
    response.on('end', () => {
      const text = bytes <= MOST_TEXT_BYTES ? Buffer.concat(chunks).toString() : '';
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
  });
  promise.catch(() => undefined); // told to whoever waits for the sending
  return promise;
}

/** Certificates do not mend themselves. */
function isFinal(failure: unknown): boolean {
  const { code = '' } = Object(failure) as NodeJS.ErrnoException;
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL/.test(code);
}

const wordsOf = (failure: unknown): string => {
  const { code, message } = failure as NodeJS.ErrnoException;
  return message || code || String(failure);
};

function retryAfterMs(answer: Answer | undefined): number {
  const seconds = Number(answer?.headers['retry-after']);
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, MOST_WAIT_MS) : 0;
}
