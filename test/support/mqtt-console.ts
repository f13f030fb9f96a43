import type { Socket } from 'node:net';
import mqtt, { type IClientOptions, type IClientPublishOptions, type IPublishPacket, type MqttClient } from 'mqtt';

export interface Received {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
  readonly properties: NonNullable<IPublishPacket['properties']>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly json: any;
}

const WAIT_MS = 10_000;

/** An operator's MQTT client: sees everything below `cambox/v1/`, keeps it, and can wait for a message. */
export class MqttConsole implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #client: MqttClient;
  #waiters: (() => void)[] = [];

  constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload, { retain, properties = {} }) => {
      this.received.push({ topic, payload, retain, properties, json: parse(payload) });
      for (const wake of this.#waiters.splice(0)) wake();
    });
  }

  /** The first message, among those received and those to come, that fits. */
  async next(fits: (message: Received) => boolean, what = fits.toString()): Promise<Received> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const found = this.received.find(fits);
      if (found !== undefined) return found;
      await this.#arrival(deadline, what);
    }
  }

  /** The final response to a request. */
  final(id: string): Promise<Received> {
    return this.next(
      ({ json }) => json?.id === id && /succeeded|failed|rejected|timed_out|canceled/.test(json.status),
      `final response to ${id}`,
    );
  }

  /** The statuses of the responses to one request so far. */
  statuses(id: string): string[] {
    return this.received.filter(({ json }) => json?.id === id).map(({ json }) => json.status);
  }

  publish(topic: string, body: unknown, options: IClientPublishOptions = {}): Promise<unknown> {
    const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return this.#client.publishAsync(topic, payload, { qos: 1, ...options });
  }

  forget(): void {
    this.received.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }

  async #arrival(deadline: number, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`no message: ${what}. There were:\n${this.#list()}`)),
      deadline - performance.now(),
    );
    this.#waiters.push(resolve);
    await promise.finally(() => clearTimeout(timer));
  }

  #list(): string {
    return this.received.map(({ topic, payload }) => `  ${topic} ${payload.toString('utf8').slice(0, 200)}`).join('\n');
  }
}

export async function openConsole(url: string, options: IClientOptions = {}): Promise<MqttConsole> {
  const client = mqtt.connect(url, { protocolVersion: 5, reconnectPeriod: 100, ...options });
  const console = new MqttConsole(client);
  await new Promise((resolve) => client.once('connect', resolve));
  (client.stream as unknown as Socket).setNoDelay(true); // Nagle's algorithm would hold every second packet back by 40 ms
  await client.subscribeAsync('cambox/v1/#', { qos: 1, rap: true });
  return console;
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}
