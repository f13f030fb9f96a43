import { CamboxError } from '../../base/errors.ts';

export interface BrokerAddress {
  /** As configured, for messages; it holds no credentials. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883 };

/** The address in `mqtt.url`. Throws `bad_config`. */
export function parseBrokerUrl(url: string): BrokerAddress {
  const parsed = URL.parse(url);
  const defaultPort = parsed === null ? undefined : DEFAULT_PORTS[parsed.protocol];
  if (parsed === null || defaultPort === undefined || parsed.hostname === '') {
    throw new CamboxError('bad_config', {
      verb: 'use',
      thing: 'mqtt.url',
      reason: 'it must be a URL such as mqtt://host:1883 or mqtts://host:8883',
      received: url,
    });
  }
  return {
    url,
    host: parsed.hostname.replace(/^\[|\]$/g, ''), // node:net wants IPv6 without brackets
    port: parsed.port === '' ? defaultPort : Number(parsed.port),
    tls: parsed.protocol === 'mqtts:',
  };
}
