import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBrokerUrl } from '../../../../src/control/mqtt/broker-address.ts';

const cases: [string, { host: string; port: number; tls: boolean }][] = [
  ['mqtt://fleet', { host: 'fleet', port: 1883, tls: false }],
  ['mqtts://fleet', { host: 'fleet', port: 8883, tls: true }],
  ['mqtts://fleet:443', { host: 'fleet', port: 443, tls: true }],
  ['mqtt://[2001:db8::1]:1884', { host: '2001:db8::1', port: 1884, tls: false }],
];

for (const [url, expected] of cases) {
  test(`${url} gives host, port and TLS`, () => assert.deepEqual(parseBrokerUrl(url), { url, ...expected }));
}

for (const url of ['fleet', 'http://fleet', 'ws://fleet', 'mqtt://']) {
  test(`${url} is refused with the value and examples`, () => {
    assert.throws(() => parseBrokerUrl(url), { code: 'bad_config', message: /mqtt:\/\/host:1883.*received/ });
  });
}
