import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { IClientOptions, IConnackPacket, IPublishPacket } from 'mqtt';
// not the package's main file: that one loads its WebSocket and SOCKS transports, too (25 ms of start-up time)
import mqttClient from 'mqtt/lib/client';
import { CamboxError } from '../../base/errors.ts';
import type { BrokerAddress } from './broker-address.ts';
import { explainLinkFailure } from './link-failure.ts';

const { default: MqttClient } = mqttClient;
type MqttClient = InstanceType<typeof MqttClient>;

/** We keep at most this many of our QoS 1 messages unacknowledged; the broker may allow fewer. */
const MAX_IN_FLIGHT = 20;
/** What the broker may send us in one packet: room for a `too_large` answer to what exceeds 64 KiB. */
const MAX_INBOUND_PACKET_BYTES = 256 * 1024;
/** QoS 0 messages are refused while this much waits in the socket. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** Fixed header, lengths, packet id and the properties that we use, without their strings. */
const PACKET_OVERHEAD_BYTES = 64;

export interface OutMessage {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly retain: boolean;
  readonly expiryS?: number;
  /** Given back to a requester as it came (MQTT 5 §3.3.2.3.6). */
  readonly correlationData?: Buffer;
}

export interface InMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** As published, not as delivered ("retain as published" is set). */
  readonly retained: boolean;
  /** Seconds that are left of the message's expiry. */
  readonly expiresInS: number | undefined;
  readonly responseTopic: string | undefined;
  readonly correlationData: Buffer | undefined;
}

export interface LinkOptions {
  readonly broker: BrokerAddress;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  readonly keepaliveS: number;
  readonly sessionExpiryS: number;
  readonly connectTimeoutMs: number;
  readonly will: { readonly topic: string; readonly payload: string; readonly delayS: number };
}

/** How a QoS 1 publish ended; it stays unanswered when the connection breaks first. */
export type PublishResult = 'acknowledged' | { readonly refusedWith: number };

/**
 * One MQTT connection, from CONNECT to its end: it is never reconnected. Each attempt gets an MQTT.js client of its
 * own, so nothing of MQTT.js outlives a connection: no stored packets that delay the next `connect` or are sent again
 * and again (its store knows no bound but the 65,535 packet ids), no fixed reconnect period, no end of reconnecting
 * after a refused CONNACK. Queueing and retrying are the door's.
 */
export class BrokerLink {
  /** Most of our QoS 1 messages that may be unacknowledged at a time. */
  readonly window: number;
  /** Largest packet the broker takes. MQTT.js does not check it. */
  readonly maxPacketBytes: number;
  readonly sessionPresent: boolean;
  /** Resolves once, with the reason, when the connection is gone. */
  readonly closed: Promise<CamboxError>;
  readonly #client: MqttClient;

  constructor(client: MqttClient, connack: IConnackPacket, closed: Promise<CamboxError>) {
    const { receiveMaximum = 65_535, maximumPacketSize = Number.POSITIVE_INFINITY } = connack.properties ?? {};
    this.window = Math.min(MAX_IN_FLIGHT, receiveMaximum);
    this.maxPacketBytes = maximumPacketSize;
    this.sessionPresent = connack.sessionPresent;
    this.closed = closed;
    this.#client = client;
  }

  /** False for a message that the broker would answer by closing the connection. An upper bound, not the exact size. */
  fits({ topic, payload, correlationData }: OutMessage): boolean {
    const bytes = Buffer.byteLength(topic) + Buffer.byteLength(payload) + (correlationData?.length ?? 0);
    return bytes + PACKET_OVERHEAD_BYTES <= this.maxPacketBytes;
  }

  /** QoS 1. The caller keeps to `window` and `fits`, and keeps the message until `done` is called. */
  publish(message: OutMessage, done: (result: PublishResult) => void): void {
    const options = { qos: 1 as const, retain: message.retain, properties: properties(message) };
    this.#client.publish(message.topic, asBuffer(message.payload), options, (error) => {
      if (error === null || error === undefined) done('acknowledged');
      else if ('code' in error && typeof error.code === 'number') done({ refusedWith: error.code });
      // any other error means that the connection is gone: `closed` tells
    });
  }

  /** QoS 0: sent now or refused. Throws `too_large`, `busy`. */
  publishNow(message: OutMessage): void {
    const size = Buffer.byteLength(message.payload);
    const cannot = (code: 'too_large' | 'busy', reason: string): CamboxError =>
      new CamboxError(code, { verb: 'publish', thing: message.topic, reason, received: `${size} bytes` });
    if (!this.fits(message)) throw cannot('too_large', `the broker takes packets of ${this.maxPacketBytes} bytes`);
    const unsent = this.#client.stream.writableLength;
    if (unsent > MAX_UNSENT_BYTES) throw cannot('busy', `${unsent} bytes still wait for the network`);
    const options = { qos: 0 as const, retain: message.retain, properties: properties(message) };
    this.#client.publish(message.topic, asBuffer(message.payload), options);
  }

  /**
   * Subscribe at QoS 1, without the retained messages there are (`rh` 2), and with the retain flag kept as published
   * (`rap`). Resolves to the reason code: 0x80 and above is a refusal; undefined when the connection went first.
   */
  subscribe(filter: string): Promise<number | undefined> {
    return new Promise((resolve) => {
      this.#client.subscribe(filter, { qos: 1, rh: 2, rap: true }, (_error, granted, suback) => {
        resolve((suback?.granted as number[] | undefined)?.[0] ?? granted?.[0]?.qos);
      });
    });
  }

  /** DISCONNECT (which drops the will) and close. `closed` resolves when it is done. */
  disconnect(): void {
    this.#client.end(false);
  }

  /** Cut the connection; `reason` becomes the one of `closed`. */
  abandon(reason: string): void {
    this.#client.emit('error', new Error(reason));
    this.#client.end(true);
  }
}

/**
 * Connect and wait for CONNACK. Throws a CamboxError that says what is wrong and what to do. `onMessage` may be called
 * before this resolves (a resumed session has messages waiting); the message is acknowledged when its promise resolves. It must not
 * reject, nor take long: the broker's next packets wait behind it.
 */
export function openLink(
  options: LinkOptions,
  onMessage: (message: InMessage) => Promise<void>,
  signal: AbortSignal,
): Promise<BrokerLink> {
  return new Promise((resolve, reject) => {
    let wasConnected = false;
    let reasonCode: number | undefined;
    let error: Error | undefined;
    let announceEnd: (reason: CamboxError) => void = () => undefined;

    const client = new MqttClient(() => openSocket(options), clientOptions(options));
    client.handleMessage = (packet, done) => {
      void onMessage(inMessage(packet)).then(() => done());
    };
    client.on('error', (failure) => {
      error ??= failure;
      // a refused CONNACK; later ones are MQTT.js's own verdicts, and their messages tell more
      if (!wasConnected && 'code' in failure && typeof failure.code === 'number') reasonCode ??= failure.code;
    });
    client.on('disconnect', (packet) => {
      reasonCode ??= packet.reasonCode;
      client.end(true); // MQTT 5 §3.14.4: whoever gets DISCONNECT closes the connection
    });
    client.once('connect', (connack) => {
      wasConnected = true;
      const closed = new Promise<CamboxError>((end) => {
        announceEnd = end;
      });
      const link = new BrokerLink(client, connack, closed);
      const lacking = missingFeature(connack, options.broker);
      if (lacking === undefined) return resolve(link);
      link.abandon(lacking.message);
      reject(lacking);
    });
    const cut = (): void => void client.end(true);
    signal.addEventListener('abort', cut, { once: true });
    client.once('close', () => {
      signal.removeEventListener('abort', cut);
      const { broker, clientId, username } = options;
      const failure = explainLinkFailure({ broker, clientId, username, wasConnected, reasonCode, error });
      client.end(true); // stops its timers
      announceEnd(failure);
      reject(failure);
    });
    if (signal.aborted) cut();
  });
}

function openSocket({ broker, ca, cert, key }: LinkOptions): Socket {
  const { host, port, tls } = broker;
  if (!tls) return connectTcp({ host, port, noDelay: true });
  const socket = connectTls({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  return socket.setNoDelay(true);
}

function clientOptions(options: LinkOptions): IClientOptions {
  const { will } = options;
  return {
    protocolVersion: 5,
    clientId: options.clientId,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    clean: false,
    keepalive: options.keepaliveS,
    connectTimeout: options.connectTimeoutMs,
    properties: {
      sessionExpiryInterval: options.sessionExpiryS,
      maximumPacketSize: MAX_INBOUND_PACKET_BYTES,
      receiveMaximum: MAX_IN_FLIGHT,
    },
    will: {
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: 1,
      retain: true,
      properties: { willDelayInterval: will.delayS },
    },
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    writeCache: false, // 17.6 MB of pre-computed numbers
  };
}

function properties({ expiryS, correlationData }: OutMessage): NonNullable<IPublishPacket['properties']> {
  return {
    ...(expiryS === undefined ? {} : { messageExpiryInterval: expiryS }),
    ...(correlationData === undefined ? {} : { correlationData }),
  };
}

const asBuffer = (payload: string | Uint8Array): Buffer =>
  typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload.buffer, payload.byteOffset, payload.length);

function inMessage({ topic, payload, retain, properties: props }: IPublishPacket): InMessage {
  return {
    topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    retained: retain,
    expiresInS: props?.messageExpiryInterval,
    responseTopic: props?.responseTopic,
    correlationData: props?.correlationData,
  };
}

/** MQTT 5 §3.2.2.3: a broker may do without QoS 1 or retained messages; we cannot. */
function missingFeature({ properties: props }: IConnackPacket, broker: BrokerAddress): CamboxError | undefined {
  const lacks = props?.maximumQoS === 0 ? 'QoS 1' : props?.retainAvailable === false ? 'retained messages' : undefined;
  if (lacks === undefined) return undefined;
  return new CamboxError('unsupported', {
    verb: 'use',
    thing: `MQTT broker ${broker.url}`,
    reason: `it does not offer ${lacks}`,
    remedy: 'Use one that does, such as mosquitto; retrying until it works',
  });
}
