import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface SeenMessage {
  readonly topic: string;
  readonly retained: boolean;
  /** Parsed JSON, or the payload's size in bytes where it is none (a picture). */
  readonly payload: unknown;
}

export interface Answer {
  readonly status: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: string; readonly message: string };
}

const FINAL = new Set(['succeeded', 'failed', 'rejected', 'timed_out', 'canceled']);

/** A fleet console made of the real mosquitto_sub and mosquitto_pub. Dispose to end it. */
export class FleetConsole implements AsyncDisposable {
  readonly messages: SeenMessage[] = [];
  readonly #port: number;
  readonly #box: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #onMessage = new Set<() => void>();
  #nextId = 1;

  constructor(port: number, box: string) {
    this.#port = port;
    this.#box = box;
    // %J gives one JSON object a message; -v would break at newlines inside payloads
    const args = [
      '-V',
      '5',
      '-p',
      String(port),
      '-t',
      `cambox/v1/${box}/#`,
      '-F',
      '{"topic":"%t","retained":%r,"hex":"%x"}',
    ];
    this.#child = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#exit = once(this.#child, 'close');
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#take(line));
  }

  #take(line: string): void {
    const { topic, retained, hex } = JSON.parse(line) as { topic: string; retained: number; hex: string };
    const bytes = Buffer.from(hex, 'hex');
    let payload: unknown = bytes.length;
    if (bytes[0] === 0x7b) payload = JSON.parse(bytes.toString());
    this.messages.push({ topic: topic.replace(`cambox/v1/${this.#box}/`, ''), retained: retained === 1, payload });
    for (const listener of this.#onMessage) listener();
  }

  /** The first message, past or to come, that satisfies the test. */
  async message(what: string, test: (message: SeenMessage) => boolean, timeoutMs = 15_000): Promise<SeenMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<SeenMessage>();
    const look = (): void => {
      const found = this.messages.find(test);
      if (found !== undefined) resolve(found);
    };
    const timer = setTimeout(() => {
      const topics = this.messages.map(({ topic }) => topic);
      reject(new Error(`no ${what} within ${timeoutMs} ms; seen: ${topics.slice(-20).join(' ')}`));
    }, timeoutMs);
    this.#onMessage.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#onMessage.delete(look);
    }
  }

  /** Publish a command as an operator would. Returns its id. */
  publish(command: string, args: object): string {
    const id = `console-${this.#nextId++}`;
    const body = JSON.stringify({ ttl_ms: 15_000, issued_at: new Date().toISOString(), by: 'console', args });
    const topic = `cambox/v1/${this.#box}/cmd/${command}/${id}`;
    const expiry = ['-D', 'publish', 'message-expiry-interval', '15'];
    execFileSync('mosquitto_pub', ['-V', '5', '-p', String(this.#port), '-q', '1', '-t', topic, '-m', body, ...expiry]);
    return id;
  }

  /** The final answer to a command. */
  async answer(command: string, id: string, timeoutMs = 15_000): Promise<Answer> {
    const topic = `res/${command}/${id}`;
    const isFinal = (message: SeenMessage): boolean =>
      message.topic === topic && FINAL.has((message.payload as Answer).status);
    return (await this.message(`answer to ${command}`, isFinal, timeoutMs)).payload as Answer;
  }

  /** The states that a command went through, in order. */
  states(command: string, id: string): string[] {
    const topic = `res/${command}/${id}`;
    return this.messages.filter((message) => message.topic === topic).map(({ payload }) => (payload as Answer).status);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#exit;
  }
}
