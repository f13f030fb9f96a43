import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMosquitto } from '../../support/mosquitto.ts';
import { openMqttBox } from '../../support/mqtt-box.ts';
import { openConsole } from '../../support/mqtt-console.ts';
import { until } from '../../support/until.ts';

const BASE = 'cambox/v1/box-a';

test('door keeps its connection and counts a message that is larger than the broker takes', async () => {
  await using broker = await startMosquitto({ conf: ['max_packet_size 3000'] });
  await using console = await openConsole(broker.url);
  await using box = openMqttBox(broker.url);
  await box.settled();
  box.door.publishEvent('big', { text: 'x'.repeat(4000) });
  box.door.publishEvent('small', {});
  await console.next((m) => m.topic === `${BASE}/event/small`);
  await box.settled();
  assert.deepEqual([box.door.state.refused, box.door.state.waiting], [1, 0]);
  assert.equal(box.log.of('mqtt_down').length, 0);
  assert.match(String(box.log.of('mqtt_publish_refused')[0]!.fields['reason']), /larger than the 3000 bytes/);
});

test('snapshot fails as too_large when the picture exceeds what the broker takes', async () => {
  await using broker = await startMosquitto({ conf: ['max_packet_size 3000'] });
  await using console = await openConsole(broker.url);
  await using box = openMqttBox(broker.url);
  box.box.front.takeSnapshot = async () => new Uint8Array(10_000);
  await box.settled();
  await console.publish(`${BASE}/cmd/snapshot/s`, { args: { camera: 'front' } });
  const { json } = await console.final('s');
  assert.deepEqual([json.status, json.error.code], ['failed', 'too_large']);
});

test('door never has more unacknowledged messages than the broker allows', async () => {
  await using broker = await startMosquitto({ conf: ['max_inflight_messages 3'] });
  await using console = await openConsole(broker.url);
  await using box = openMqttBox(broker.url);
  for (let i = 0; i < 150; i++) box.door.publishEvent('tick', { i });
  await console.next((m) => m.json?.seq === 150);
  await box.settled();
  const outstanding = [...broker.log().matchAll(/(Received PUBLISH from|Sending PUBACK to) box-a/g)].reduce(
    ({ now, most }, [, what]) => {
      const next = what === 'Received PUBLISH from' ? now + 1 : now - 1;
      return { now: next, most: Math.max(most, next) };
    },
    { now: 0, most: 0 },
  );
  assert.ok(outstanding.most <= 3, `${outstanding.most} at a time`);
  assert.equal(box.log.of('mqtt_down').length, 0);
});

test('door answers a flood of commands without a queue that grows', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using box = openMqttBox(broker.url);
  await box.settled();
  await Promise.all(
    Array.from({ length: 1000 }, (_, i) =>
      console.publish(`${BASE}/cmd/clip.start/f-${i}`, { args: { camera: 'front', pre_s: 0 } }, FRESH),
    ),
  );
  await until('all received', () => box.executor.counts.received === 1000);
  await box.settled();
  assert.equal(box.box.front.started.length, 16);
  assert.equal(box.executor.counts.rejected, 1000 - 16);
  const busy = console.received.filter((m) => m.json?.error?.code === 'busy' && m.json.error.retryable);
  assert.ok(
    busy.length + box.door.spool.dropped.response >= 1000 - 16,
    `${busy.length} busy, ${box.door.spool.dropped.response} dropped`,
  );
  await console.publish(`${BASE}/cmd/ping/p`, {});
  await console.final('p');
});

const FRESH = { properties: { messageExpiryInterval: 30 } };
