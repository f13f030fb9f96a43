import type { BackoffLimits } from '../../base/backoff.ts';
import type { Config } from '../../config/config.ts';
import { readSecretFile } from '../../config/secret-file.ts';
import { statusMessage } from './announcements.ts';
import type { BrokerAddress } from './broker-address.ts';
import type { LinkOptions } from './broker-link.ts';
import type { Topics } from './topics.ts';

export type MqttConfig = Config['mqtt'];

export interface MqttTiming {
  readonly keepaliveS: number;
  /** How long the broker keeps our subscription, and commands for us, while we are away. */
  readonly sessionExpiryS: number;
  /** A reconnect within this time spares everybody the `lost`. */
  readonly willDelayS: number;
  readonly connectTimeoutMs: number;
  /** A broker that answers pings and acknowledges nothing is given up after so long. */
  readonly stallMs: number;
  readonly retry: BackoffLimits;
  /** A connection that lasted this long was a good one: the next retry comes soon. */
  readonly stableMs: number;
  /** Most that a clean goodbye may take. */
  readonly goodbyeMs: number;
}

export const MQTT_TIMING: MqttTiming = {
  keepaliveS: 30,
  sessionExpiryS: 24 * 3600,
  willDelayS: 10,
  connectTimeoutMs: 15_000,
  stallMs: 60_000,
  retry: { firstMs: 1000, maxMs: 60_000 },
  stableMs: 30_000,
  goodbyeMs: 2000,
};

/**
 * What one connection attempt needs. The files are read anew for every attempt: certificates are renewed while the
 * daemon runs. Throws `bad_config` for a file that cannot be read.
 *
 * @param boxId client id, too
 * @param credentialsDirectory systemd's $CREDENTIALS_DIRECTORY, for `credential:NAME`
 */
export async function linkOptions(
  config: MqttConfig,
  broker: BrokerAddress,
  boxId: string,
  topics: Topics,
  timing: MqttTiming,
  credentialsDirectory: string | undefined,
): Promise<LinkOptions> {
  const read = (key: string, reference: string) => readSecretFile(key, reference, credentialsDirectory);
  const [password, ca, cert, key] = await Promise.all([
    read('mqtt.password_file', config.password_file),
    read('mqtt.ca', config.ca),
    read('mqtt.cert', config.cert),
    read('mqtt.key', config.key),
  ]);
  const { keepaliveS, sessionExpiryS, connectTimeoutMs, willDelayS } = timing;
  const will = statusMessage(topics, 'lost', undefined);
  return {
    broker,
    clientId: boxId,
    username: config.username === '' ? undefined : config.username,
    password: password === undefined ? undefined : withoutNewline(password),
    ca,
    cert,
    key,
    keepaliveS,
    sessionExpiryS,
    connectTimeoutMs,
    will: { topic: will.topic, payload: String(will.payload), delayS: willDelayS },
  };
}

/** Editors end a password file with a newline, which is no part of the password. */
const withoutNewline = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('utf8').replace(/\r?\n$/, ''));
