import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { freePort, startMosquitto } from '../../support/mosquitto.ts';
import { openMqttBox } from '../../support/mqtt-box.ts';
import { openConsole } from '../../support/mqtt-console.ts';
import { startRelay } from '../../support/tcp-relay.ts';
import { until } from '../../support/until.ts';

const BASE = 'cambox/v1/box-a';

/** A box that was connected, behind a relay that is cut; the console still is. */
async function beginOutage() {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await startMosquitto());
  const console = stack.use(await openConsole(broker.url));
  const port = await freePort();
  const relay = stack.use(await startRelay(port, broker.port));
  const box = stack.use(openMqttBox(`mqtt://127.0.0.1:${port}`));
  await box.settled();
  relay.cut();
  await box.disconnected();
  const opened = stack.move();
  return { console, relay, box, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test('door warns once and lives on when no broker listens', async () => {
  const port = await freePort();
  await using box = openMqttBox(`mqtt://127.0.0.1:${port}`, { timing: { retry: { firstMs: 1, maxMs: 5 } } });
  await until('more attempts', () => box.door.state.attempts > 20);
  assert.equal(box.log.of('mqtt_down').length, 1);
  const [line] = box.log.of('mqtt_down');
  assert.match(String(line!.fields['error']), /nothing listens on 127\.0\.0\.1:\d+\. Start the broker/);
  assert.equal(box.door.state.connected, false);
});

test('door connects and tells how long it was away when the broker comes later', async () => {
  const port = await freePort();
  await using box = openMqttBox(`mqtt://127.0.0.1:${port}`);
  await box.warning();
  await using broker = await startMosquitto({ port });
  await box.settled();
  assert.equal(box.log.of('mqtt_down').length, 1);
  const [up] = box.log.of('mqtt_up');
  assert.ok(Number(up!.fields['attempts']) >= 1);
  assert.ok(Number(up!.fields['down_ms']) > 0);
  assert.ok(broker.port === port);
});

test('door comes back with status, health and the events of the outage when the broker restarts', async () => {
  await using broker = await startMosquitto();
  await using box = openMqttBox(broker.url);
  await box.settled();
  await broker.stop();
  await box.disconnected();
  for (let i = 0; i < 250; i++) box.door.publishEvent('clip.finished', { clip: `c-${i}` });
  assert.equal(box.door.spool.dropped.event, 50);
  await broker.start();
  await using console = await openConsole(broker.url);
  await box.settled();
  assert.deepEqual(
    box.log.lines.filter(({ level }) => level !== 'debug').map(({ level, event }) => `${level} ${event}`),
    ['info mqtt_up', 'warn mqtt_down', 'info mqtt_up'],
  );
  assert.equal(box.door.state.reconnects_1h, 1);
  await console.next((m) => m.topic === `${BASE}/status` && m.json.state === 'online');
  await console.publish(`${BASE}/cmd/ping/back`, {});
  await console.final('back');
});

test('door delivers the events of an outage in order and shows the gap by seq when some were dropped', async () => {
  await using outage = await beginOutage();
  const { console, relay, box } = outage;
  for (let i = 0; i < 210; i++) box.door.publishEvent('tick', { i });
  relay.mend();
  await console.next((m) => m.json?.seq === 210);
  const events = console.received.filter((m) => m.topic === `${BASE}/event/tick`);
  assert.deepEqual(
    events.map((m) => m.json.seq),
    Array.from({ length: 200 }, (_, i) => i + 11),
  );
  const health = console.received.findLastIndex((m) => m.topic === `${BASE}/health`);
  assert.ok(health < console.received.indexOf(events[0]!), 'health goes before the backlog');
});

test('door runs a command that the broker kept during an outage when it is still fresh', async () => {
  await using outage = await beginOutage();
  const { console, relay, box } = outage;
  const command = { args: { camera: 'front', pre_s: 1 } };
  await console.publish(`${BASE}/cmd/clip.start/fresh`, command, { properties: { messageExpiryInterval: 60 } });
  await console.publish(`${BASE}/cmd/clip.start/stale`, command, { properties: { messageExpiryInterval: 1 } });
  await new Promise((resolve) => setTimeout(resolve, 2100)); // the broker's expiry counts whole seconds
  relay.mend();
  await console.next((m) => m.json?.id === 'fresh' && m.json.status === 'in_progress');
  await console.publish(`${BASE}/cmd/ping/after`, {});
  await console.final('after');
  assert.equal(box.box.front.started.length, 1);
  assert.deepEqual(console.statuses('stale'), []);
});

test('door names the cause when the broker refuses the password', async () => {
  await using broker = await startMosquitto({ passwords: 'somebody:$7$101$AAAA$BBBB\n' });
  await using box = openMqttBox(broker.url, {
    config: { username: 'box-a' },
    timing: { retry: { firstMs: 1, maxMs: 5 } },
  });
  await box.warning();
  await until('more attempts at the broker', () => broker.log().split('not authorised').length > 3);
  assert.equal(box.log.of('mqtt_down').length, 1);
  assert.match(await box.warning(), /refuses client box-a as user box-a.*mqtt\.password_file/);
});

test('door says that the broker lacks MQTT 5 when it answers in MQTT 3.1.1', async () => {
  await using server = await startServer((socket) =>
    socket.once('data', () => socket.end(Buffer.from([0x20, 2, 0, 1]))),
  );
  await using box = openMqttBox(server.url);
  assert.match(await box.warning(), /does not speak MQTT 5/);
});

test('door says what it expected when something else than a broker answers', async () => {
  await using server = await startServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await using box = openMqttBox(server.url);
  assert.match(await box.warning(), /is an MQTT 5 broker that expects no TLS/);
});

test('door gives up on a connection when the broker accepts TCP and says nothing', async () => {
  await using server = await startServer(() => undefined);
  await using box = openMqttBox(server.url, { timing: { connectTimeoutMs: 100 } });
  assert.match(await box.warning(), /connack timeout/);
});

test('door hints at the double when another client takes its id', async () => {
  await using broker = await startMosquitto();
  await using first = openMqttBox(broker.url, { timing: { retry: { firstMs: 100, maxMs: 200 } } });
  await first.settled();
  await using _second = openMqttBox(broker.url, { timing: { retry: { firstMs: 100, maxMs: 200 } } });
  assert.match(await first.warning(), /another box with the id box-a/);
});

interface Server extends AsyncDisposable {
  readonly url: string;
}

async function startServer(onConnection: (socket: Socket) => void): Promise<Server> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
