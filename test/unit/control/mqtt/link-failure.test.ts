import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainLinkFailure, type LinkFailureParts } from '../../../../src/control/mqtt/link-failure.ts';

const explain = (parts: Partial<LinkFailureParts>) =>
  explainLinkFailure({
    broker: { url: 'mqtts://fleet:8883', host: 'fleet', port: 8883, tls: true },
    clientId: 'box-a',
    username: undefined,
    wasConnected: false,
    reasonCode: undefined,
    error: undefined,
    ...parts,
  });

const system = (code: string): Partial<LinkFailureParts> => ({ error: Object.assign(new Error(code), { code }) });

const cases: [string, Partial<LinkFailureParts>, string, RegExp][] = [
  [
    'connection refused',
    system('ECONNREFUSED'),
    'network',
    /nothing listens on fleet:8883.*systemctl status mosquitto/,
  ],
  ['no such name', system('ENOTFOUND'), 'network', /name fleet has no address.*mqtt\.url/],
  ['unreachable', system('EHOSTUNREACH'), 'network', /EHOSTUNREACH/],
  ['expired certificate', system('CERT_HAS_EXPIRED'), 'bad_config', /by this box's clock.*Set the clock/],
  ['wrong name in certificate', system('ERR_TLS_CERT_ALTNAME_INVALID'), 'bad_config', /for another name than fleet/],
  ['unknown authority', system('SELF_SIGNED_CERT_IN_CHAIN'), 'bad_config', /mqtt\.ca/],
  ['TLS alert', system('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'bad_config', /mqtt\.cert/],
  [
    'bad password [MQTT5 §3.2.2.2]',
    { reasonCode: 0x86, username: 'u' },
    'bad_config',
    /box-a as user u.*mqtt\.password_file/,
  ],
  ['unsupported version', { reasonCode: 0x84 }, 'unsupported', /does not speak MQTT 5/],
  ['unsupported version in MQTT 3.1.1', { reasonCode: 1 }, 'unsupported', /does not speak MQTT 5/],
  ['client id refused', { reasonCode: 0x85 }, 'bad_config', /client id box-a.*common name/],
  ['session taken over [MQTT5 §3.14.2.1]', { reasonCode: 0x8e, wasConnected: true }, 'conflict', /its own box\.id/],
  ['packet too large', { reasonCode: 0x95, wasConnected: true }, 'too_large', /max_packet_size/],
  ['other reason', { reasonCode: 0x97, wasConnected: true }, 'network', /reason 0x97/],
  ['lost', { wasConnected: true }, 'network', /stay connected to.*closed the connection/],
  ['closed at once', {}, 'network', /without an answer.*expects TLS \(mqtts/],
];

for (const [name, parts, code, message] of cases) {
  test(`failure says what to do when the cause is: ${name}`, () => {
    const error = explain(parts);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.match(error.message, /mqtts:\/\/fleet:8883/);
  });
}
