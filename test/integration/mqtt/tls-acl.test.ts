import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createAuthority, type TestAuthority } from '../../support/certificates.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import { openMqttBox } from '../../support/mqtt-box.ts';
import { type MqttConsole, openConsole } from '../../support/mqtt-console.ts';
import { until } from '../../support/until.ts';

const shipped = (name: string): Promise<string> =>
  readFile(new URL(`../../../deploy/mosquitto/${name}`, import.meta.url), 'utf8');

/** Lines of the shipped configuration that a test has in its own way: places, and what startMosquitto sets. */
const OWN_WAY = /^(per_listener|listener|cafile|certfile|keyfile|require_|allow_|acl_file|persistence|set_tcp)/;

/** The broker as deploy/mosquitto sets it up. */
async function startFleetBroker(authority: TestAuthority): Promise<Mosquitto> {
  const { cert, key } = await authority.issue('broker');
  return startMosquitto({
    tls: { ca: authority.ca, cert, key, requireClient: true },
    acl: await shipped('cambox.acl'),
    conf: (await shipped('cambox.conf')).split('\n').filter((line) => !OWN_WAY.test(line)),
  });
}

async function openClient(url: string, authority: TestAuthority, name: string): Promise<MqttConsole> {
  const { cert, key } = await authority.issue(name);
  const [ca, certPem, keyPem] = await Promise.all([authority.ca, cert, key].map((path) => readFile(path)));
  return openConsole(url, { ca: ca!, cert: certPem!, key: keyPem! });
}

const NO_CREDENTIALS = { cert: '', key: '' };

test('door serves the console over TLS with its certificate when the broker has the shipped ACL', async () => {
  await using authority = await createAuthority();
  await using broker = await startFleetBroker(authority);
  await using console = await openClient(broker.url, authority, 'console');
  await using box = openMqttBox(broker.url, { config: { ca: authority.ca, ...(await authority.issue('box-a')) } });
  await console.next((m) => m.topic === 'cambox/v1/box-a/cam/front/state');
  await console.publish('cambox/v1/box-a/cmd/snapshot/s', { args: { camera: 'front' } });
  await console.final('s');
  box.door.publishEvent('clip.finished', {});
  await console.next((m) => m.topic === 'cambox/v1/box-a/event/clip.finished');
  assert.deepEqual(
    { ...box.door.state, waiting: 0 },
    {
      connected: true,
      attempts: 0,
      reconnects_1h: 0,
      waiting: 0,
      refused: 0,
      bad_topics: 0,
    },
  );
});

test('shipped ACL keeps a box from commanding itself or another box', async () => {
  await using authority = await createAuthority();
  await using broker = await startFleetBroker(authority);
  await using box = openMqttBox(broker.url, { config: { ca: authority.ca, ...(await authority.issue('box-a')) } });
  await box.settled();
  await using thief = await openClient(broker.url, authority, 'box-b');
  const fresh = { properties: { messageExpiryInterval: 30 } };
  const refused = { code: 0x87 };
  await assert.rejects(
    thief.publish('cambox/v1/box-a/cmd/clip.start/x', { args: { camera: 'front', pre_s: 1 } }, fresh),
    refused,
  );
  await assert.rejects(thief.publish('cambox/v1/box-b/cmd/ping/x', {}, fresh), refused);
  await assert.rejects(thief.publish('cambox/v1/box-a/status', {}), refused);
  assert.equal(box.executor.counts.received, 0);
});

test('door counts and tells what the broker refuses when the ACL is not for this box', async () => {
  await using authority = await createAuthority();
  await using broker = await startFleetBroker(authority);
  // the certificate names another box than the config
  await using box = openMqttBox(broker.url, {
    box: new FakeBox('box-z'),
    config: { ca: authority.ca, ...(await authority.issue('box-a')) },
  });
  await until('all refused', () => box.door.state.refused >= 4);
  await box.settled();
  assert.equal(box.log.of('mqtt_publish_refused').length, 1);
  assert.match(String(box.log.of('mqtt_publish_refused')[0]!.fields['reason']), /0x87/);
});

test('door says which authority to set when it does not trust the broker', async () => {
  await using authority = await createAuthority();
  await using broker = await startFleetBroker(authority);
  await using box = openMqttBox(broker.url, { config: { ca: '', ...(await authority.issue('box-a')) } });
  assert.match(await box.warning(), /not signed by the authority we trust.*mqtt\.ca/);
});

test('door points to its certificate when the broker demands one and there is none', async () => {
  await using authority = await createAuthority();
  await using broker = await startFleetBroker(authority);
  await using box = openMqttBox(broker.url, { config: { ca: authority.ca, ...NO_CREDENTIALS } });
  assert.match(await box.warning(), /mqtt\.cert/);
});

test('door names the file and goes on trying when a certificate file is missing', async () => {
  await using authority = await createAuthority();
  await using broker = await startFleetBroker(authority);
  const { cert, key } = await authority.issue('box-a');
  await using box = openMqttBox(broker.url, { config: { ca: `${authority.ca}.gone`, cert, key } });
  await until('more attempts', () => box.door.state.attempts > 2);
  assert.match(await box.warning(), /mqtt\.ca .*ca\.crt\.gone.*ENOENT/);
});

test('door names the scheme when the broker speaks TLS and the URL says mqtt', async () => {
  await using authority = await createAuthority();
  await using broker = await startFleetBroker(authority);
  await using box = openMqttBox(broker.url.replace('mqtts:', 'mqtt:'));
  assert.match(await box.warning(), /expects no TLS \(mqtt:\/\/\)/);
});
