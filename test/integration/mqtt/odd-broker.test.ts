import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Packet } from 'mqtt-packet';
import { freePort, startMosquitto } from '../../support/mosquitto.ts';
import { openMqttBox } from '../../support/mqtt-box.ts';
import { connack, ordinaryAnswer, startScriptedBroker } from '../../support/scripted-broker.ts';
import { startRelay } from '../../support/tcp-relay.ts';
import { until } from '../../support/until.ts';

/** An ordinary broker but for some answers; `undefined` means silence. */
const except =
  (special: (packet: Packet) => Packet | undefined | 'ordinary') =>
  (packet: Packet, send: (answer: Packet) => void): void => {
    const answer = special(packet);
    const sent = answer === 'ordinary' ? ordinaryAnswer(packet) : answer;
    if (sent !== undefined) send(sent);
  };

test('door notices a link that died without a word, by its keepalive', async () => {
  await using broker = await startMosquitto();
  const port = await freePort();
  await using relay = await startRelay(port, broker.port);
  await using box = openMqttBox(`mqtt://127.0.0.1:${port}`, { timing: { keepaliveS: 1 } });
  await box.settled();
  relay.freeze();
  assert.match(await box.warning(), /Keepalive timeout/);
  relay.mend();
  await box.settled();
});

test('door leaves within its time when the link has died without a word', async () => {
  await using broker = await startMosquitto();
  const port = await freePort();
  await using relay = await startRelay(port, broker.port);
  const box = openMqttBox(`mqtt://127.0.0.1:${port}`, { timing: { goodbyeMs: 300 } });
  await box.settled();
  relay.freeze();
  const startedAt = performance.now();
  await box[Symbol.asyncDispose]();
  const took = performance.now() - startedAt;
  assert.ok(took < 1500, `${took} ms`);
});

test('door gives up a broker that acknowledges nothing, and sends the event again to the next one', async () => {
  let silent = true;
  await using broker = await startScriptedBroker(
    except((packet) => (packet.cmd === 'publish' && silent ? undefined : 'ordinary')),
  );
  await using box = openMqttBox(broker.url, { timing: { stallMs: 200 } });
  box.door.publishEvent('tick', {});
  assert.match(await box.warning(), /acknowledged nothing for 0\.2 s/);
  silent = false;
  await box.settled();
  const topic = 'cambox/v1/box-a/event/tick';
  const sent = broker.received.filter((packet) => packet.cmd === 'publish' && packet.topic === topic);
  assert.ok(sent.length >= 2, `${sent.length} times`);
});

test('door gives up a broker that does not answer SUBSCRIBE', async () => {
  await using broker = await startScriptedBroker(except(({ cmd }) => (cmd === 'subscribe' ? undefined : 'ordinary')));
  await using box = openMqttBox(broker.url, { timing: { connectTimeoutMs: 200 } });
  assert.match(await box.warning(), /does not answer SUBSCRIBE/);
});

test('door has one message under way at a time when the broker asks for it [MQTT5 §3.2.2.3.3]', async () => {
  let unacknowledged = 0;
  let most = 0;
  await using broker = await startScriptedBroker((packet, send) => {
    if (packet.cmd === 'connect') {
      send(connack({ receiveMaximum: 1 }));
    } else if (packet.cmd === 'publish') {
      unacknowledged += 1;
      most = Math.max(most, unacknowledged);
      setImmediate(() => {
        unacknowledged -= 1;
        send(ordinaryAnswer(packet)!);
      });
    } else {
      const answer = ordinaryAnswer(packet);
      if (answer !== undefined) send(answer);
    }
  });
  await using box = openMqttBox(broker.url);
  for (let i = 0; i < 50; i++) box.door.publishEvent('tick', { i });
  await box.settled();
  assert.equal(most, 1);
});

for (const [lack, properties] of [
  ['QoS 1', { maximumQoS: 0 }],
  ['retained messages', { retainAvailable: false }],
] as const) {
  test(`door says that it needs ${lack} when the broker does not offer it`, async () => {
    await using broker = await startScriptedBroker(
      except(({ cmd }) => (cmd === 'connect' ? connack(properties) : 'ordinary')),
    );
    await using box = openMqttBox(broker.url, { timing: { retry: { firstMs: 1, maxMs: 5 } } });
    assert.match(await box.warning(), new RegExp(`does not offer ${lack}`));
    await until('more attempts', () => broker.connections > 5);
    assert.equal(box.log.of('mqtt_down').length, 1);
  });
}

test('door tells what the broker said when it disconnects us', async () => {
  await using broker = await startScriptedBroker((packet, send) => {
    if (packet.cmd === 'publish') send({ cmd: 'disconnect', reasonCode: 0x8e });
    else if (ordinaryAnswer(packet) !== undefined) send(ordinaryAnswer(packet)!);
  });
  await using box = openMqttBox(broker.url);
  assert.match(await box.warning(), /another client connected with our id/);
});

test('door stays connected and says that there are no commands when the broker refuses the subscription', async () => {
  await using broker = await startMosquitto({ acl: 'topic write cambox/v1/#\n' });
  await using refusing = await startScriptedBroker(
    except((packet) =>
      packet.cmd === 'subscribe' ? { cmd: 'suback', messageId: packet.messageId!, granted: [0x87] } : 'ordinary',
    ),
  );
  await using box = openMqttBox(refusing.url);
  await box.settled();
  assert.match(String(box.log.of('mqtt_subscribe_refused')[0]!.fields['remedy']), /ACL/);
  await using atMosquitto = openMqttBox(broker.url);
  await atMosquitto.settled(); // mosquitto grants what its ACL will never deliver
  assert.deepEqual(atMosquitto.log.of('mqtt_subscribe_refused'), []);
});

test('door drops a connection over which comes a packet larger than it takes, and comes back', async () => {
  let sent = false;
  await using broker = await startScriptedBroker((packet, send) => {
    const answer = ordinaryAnswer(packet);
    if (answer !== undefined) send(answer);
    if (packet.cmd !== 'subscribe' || sent) return;
    sent = true;
    const topic = 'cambox/v1/box-a/cmd/ping/x';
    send({ cmd: 'publish', topic, payload: Buffer.alloc(300_000), qos: 0, dup: false, retain: false });
  });
  await using box = openMqttBox(broker.url);
  assert.match(await box.warning(), /exceeding packets size publish/);
  await box.settled();
  assert.equal(box.executor.counts.received, 0);
});
