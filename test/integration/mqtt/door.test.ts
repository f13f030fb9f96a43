import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMosquitto } from '../../support/mosquitto.ts';
import { openMqttBox } from '../../support/mqtt-box.ts';
import { openConsole } from '../../support/mqtt-console.ts';
import { until } from '../../support/until.ts';

const BASE = 'cambox/v1/box-a';
/** What makes a command fresh. */
const FRESH = { properties: { messageExpiryInterval: 30 } };

test('door announces status, birth, health and cameras, retained, when it connects', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using box = openMqttBox(broker.url);
  await console.next((m) => m.topic === `${BASE}/cam/front/state`);
  assert.deepEqual(
    console.received.map((m) => [m.topic, m.retain]),
    ['status', 'birth', 'health', 'cam/front/state'].map((topic) => [`${BASE}/${topic}`, true]),
  );
  const [status, birth, health, camera] = console.received;
  assert.equal(status!.json.state, 'online');
  assert.equal(birth!.json.api, 1);
  assert.deepEqual(birth!.json.hardware, { model: 'test bench' });
  assert.match(birth!.json.commands['clip.start'], /^sha256:[0-9a-f]{16}$/);
  assert.equal(health!.properties.messageExpiryInterval, 180);
  assert.equal(camera!.json.state, 'streaming');
  assert.equal(box.door.state.connected, true);
});

test('door answers a command with every state change when it runs', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using _box = openMqttBox(broker.url);
  await console.next((m) => m.topic === `${BASE}/status`);
  await console.publish(`${BASE}/cmd/ping/p-1`, '');
  const { topic, retain, json } = await console.final('p-1');
  assert.equal(topic, `${BASE}/res/ping/p-1`);
  assert.equal(retain, false);
  assert.deepEqual(console.statuses('p-1'), ['accepted', 'succeeded']);
  assert.equal(json.result.box, 'box-a');
});

test('door publishes the picture before the response when snapshot runs', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using _box = openMqttBox(broker.url);
  await console.next((m) => m.topic === `${BASE}/status`);
  await console.publish(`${BASE}/cmd/snapshot/s-1`, { args: { camera: 'front' } });
  const { json } = await console.final('s-1');
  const picture = console.received.find((m) => m.topic === `${BASE}/cam/front/snapshot`);
  assert.deepEqual([...picture!.payload.subarray(0, 2)], [0xff, 0xd8]);
  assert.deepEqual(json.result, { bytes: picture!.payload.length, width: 16, height: 8 });
});

const refusals: readonly {
  name: string;
  topic?: string;
  body: unknown;
  options?: object;
  code: string;
  pointer?: string;
}[] = [
  { name: 'bad JSON', body: '{"args":', code: 'bad_json' },
  { name: 'bad UTF-8', body: Buffer.from([0x22, 0xff, 0x22]), code: 'bad_json' },
  { name: 'a depth bomb', body: `{"args":${'['.repeat(30_000)}`, code: 'bad_json' },
  {
    name: '__proto__',
    body: '{"args":{"camera":"front","pre_s":1,"__proto__":{"x":1}}}',
    code: 'bad_schema',
    pointer: '/args/__proto__',
  },
  {
    name: 'a wrong argument',
    body: { args: { camera: 'front', pre_s: -1 } },
    code: 'bad_schema',
    pointer: '/args/pre_s',
  },
  { name: 'more than 64 KiB', body: { args: { label: 'x'.repeat(70_000) } }, code: 'too_large' },
  { name: 'an unknown command', topic: 'clip.fly', body: {}, code: 'unknown_command' },
  {
    name: 'no proof of freshness',
    body: { args: { camera: 'front', pre_s: 1 } },
    options: { properties: {} },
    code: 'expired',
  },
  {
    name: 'an old issued_at',
    body: { issued_at: '2020-01-01T00:00:00Z', args: { camera: 'front', pre_s: 1 } },
    code: 'expired',
    pointer: '/issued_at',
  },
  {
    name: 'the retain flag',
    body: { args: { camera: 'front', pre_s: 1 } },
    options: { ...FRESH, retain: true },
    code: 'retained_command',
  },
];

test('door rejects and lives on when a request is wrong', async (t) => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using box = openMqttBox(broker.url);
  await console.next((m) => m.topic === `${BASE}/status`);
  for (const [i, { name, topic = 'clip.start', body, options = FRESH, code, pointer }] of refusals.entries()) {
    await t.test(`${name} is ${code}`, async () => {
      await console.publish(`${BASE}/cmd/${topic}/r-${i}`, body, options);
      const { json } = await console.final(`r-${i}`);
      assert.equal(json.status, 'rejected');
      assert.equal(json.error.code, code);
      assert.equal(json.error.pointer, pointer);
    });
  }
  assert.equal(box.box.front.started.length, 0);
});

test('door does not run a retained command when it subscribes later', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await console.publish(
    `${BASE}/cmd/clip.start/old`,
    { args: { camera: 'front', pre_s: 1 } },
    { ...FRESH, retain: true },
  );
  await using box = openMqttBox(broker.url);
  await console.next((m) => m.topic === `${BASE}/status`);
  await console.publish(`${BASE}/cmd/ping/after`, {});
  await console.final('after');
  assert.deepEqual(console.statuses('old'), []);
  assert.equal(box.box.front.started.length, 0);
});

test('door runs a command once and repeats its answer when it is delivered twice', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using box = openMqttBox(broker.url);
  await console.next((m) => m.topic === `${BASE}/status`);
  const request = { args: { camera: 'front', pre_s: 1, duration_s: 5 } };
  await console.publish(`${BASE}/cmd/clip.start/c-1`, request, FRESH);
  await console.next((m) => m.json?.id === 'c-1' && m.json.status === 'in_progress');
  box.box.front.started[0]!.end({});
  const first = await console.final('c-1');
  await console.publish(`${BASE}/cmd/clip.start/c-1`, request, FRESH);
  const again = await console.next((m) => m.json?.id === 'c-1' && m.json.duplicate === true);
  assert.deepEqual({ ...again.json, duplicate: false }, first.json);
  assert.equal(box.box.front.started.length, 1);

  await console.publish(`${BASE}/cmd/clip.start/c-1`, { args: { camera: 'front', pre_s: 2 } }, FRESH);
  const conflict = await console.next((m) => m.json?.id === 'c-1' && m.json.status === 'rejected');
  assert.equal(conflict.json.error.code, 'id_conflict');
  assert.equal(box.box.front.started.length, 1);
});

test('door counts and ignores a command whose topic cannot be answered', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using box = openMqttBox(broker.url);
  await console.next((m) => m.topic === `${BASE}/status`);
  await console.publish(`${BASE}/cmd/ping/${'x'.repeat(65)}`, {});
  await console.publish(`${BASE}/cmd/ping/sp ace`, {});
  await until('both counted', () => box.door.state.bad_topics === 2);
  assert.equal(box.log.of('mqtt_bad_topic').length, 1);
});

test('door answers where the requester asks, below its own res/ only', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using _box = openMqttBox(broker.url);
  await console.next((m) => m.topic === `${BASE}/status`);
  const correlationData = Buffer.from('abc');
  const ask = (id: string, responseTopic: string) =>
    console.publish(`${BASE}/cmd/ping/${id}`, {}, { properties: { responseTopic, correlationData } });
  await ask('own', `${BASE}/res/console-7`);
  assert.equal((await console.final('own')).topic, `${BASE}/res/console-7`);
  assert.deepEqual((await console.final('own')).properties.correlationData, correlationData);
  await ask('foreign', 'cambox/v1/box-b/res/x');
  assert.equal((await console.final('foreign')).topic, `${BASE}/res/ping/foreign`);
});

test('door says offline, after everything else, when it is disposed', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  const box = openMqttBox(broker.url);
  await console.next((m) => m.topic === `${BASE}/cam/front/state`);
  console.forget();
  box.door.publishEvent('clip.finished', { clip: 'c' });
  const startedAt = performance.now();
  await box[Symbol.asyncDispose]();
  assert.ok(performance.now() - startedAt < 2000);
  await console.next((m) => m.topic === `${BASE}/status`);
  await console.publish('cambox/v1/end', {});
  await console.next((m) => m.topic === 'cambox/v1/end');
  assert.deepEqual(
    console.received.map((m) => [m.topic, m.json.state]),
    [
      [`${BASE}/event/clip.finished`, undefined],
      [`${BASE}/status`, 'offline'],
      ['cambox/v1/end', undefined],
    ],
  );
});
