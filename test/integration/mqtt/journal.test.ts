import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Packet } from 'mqtt-packet';
import { type Clock, SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { StoredJournal } from '../../../src/control/stored-journal.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { freePort, startMosquitto } from '../../support/mosquitto.ts';
import { openMqttBox } from '../../support/mqtt-box.ts';
import { openConsole } from '../../support/mqtt-console.ts';
import { ordinaryAnswer, startScriptedBroker } from '../../support/scripted-broker.ts';
import { StateFolder } from '../../support/state-database.ts';
import { startRelay } from '../../support/tcp-relay.ts';
import { until } from '../../support/until.ts';

const BASE = 'cambox/v1/box-a';
const FRESH = { properties: { messageExpiryInterval: 30 } };
const START = { args: { camera: 'front', pre_s: 1, duration_s: 5 } };

/** One that waits for the disk as long as that takes, unless it has a clock that goes. */
const journalOf = async (folder: StateFolder, clock: Clock = new FakeClock()): Promise<StoredJournal> =>
  new StoredJournal({ db: await folder.open(), clock, logger: SILENT });

test('door acknowledges a command to the broker, and runs it, only when the journal has it on the disk', async () => {
  await using folder = new StateFolder();
  const journal = await journalOf(folder);
  await using broker = await startScriptedBroker((packet, send) => {
    const answer = ordinaryAnswer(packet);
    if (answer !== undefined) send(answer);
    if (packet.cmd === 'subscribe') send(COMMAND);
  });
  folder.disk.hold();
  await using box = openMqttBox(broker.url, { journal });
  const acknowledged = () => broker.received.some(({ cmd, messageId }) => cmd === 'puback' && messageId === 7);
  await until('the journal waits for the disk', () => folder.disk.waiting > 0);
  await box.settled(); // what else the box says has gone out, and been acknowledged
  assert.equal(acknowledged(), false);
  assert.equal(box.box.front.started.length, 0);
  folder.disk.release();
  await until('PUBACK', acknowledged);
  await until('the clip is started', () => box.box.front.started.length === 1);
});

test('door answers a command from before a restart again, with its id, and does not run it', async () => {
  await using folder = new StateFolder();
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  let first: unknown;
  {
    await using box = openMqttBox(broker.url, { journal: await journalOf(folder) });
    await box.settled();
    await console.publish(`${BASE}/cmd/clip.start/c-1`, START, FRESH);
    await console.next((m) => m.json?.id === 'c-1' && m.json.status === 'in_progress');
    box.box.front.started[0]!.end({});
    first = (await console.final('c-1')).json;
  }
  await using box = openMqttBox(broker.url, { journal: await journalOf(folder) });
  await box.settled();
  await console.publish(`${BASE}/cmd/clip.start/c-1`, START, FRESH);
  const again = await console.next((m) => m.json?.id === 'c-1' && m.json.duplicate === true);
  assert.deepEqual({ ...again.json, duplicate: false }, first);
  await console.publish(`${BASE}/cmd/clip.start/c-1`, { args: { camera: 'front', pre_s: 2 } }, FRESH);
  const conflict = await console.next((m) => m.json?.id === 'c-1' && m.json.status === 'rejected');
  assert.equal(conflict.json.error.code, 'id_conflict');
  await console.publish(`${BASE}/cmd/command.get/g-1`, { args: { id: 'c-1' } });
  assert.deepEqual((await console.final('g-1')).json.result, { command: 'clip.start', response: first });
  assert.equal(box.box.front.started.length, 0);
});

test('door goes on answering commands and pings when the disk holds the journal up', async () => {
  await using folder = new StateFolder();
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using box = openMqttBox(broker.url, { journal: await journalOf(folder, SYSTEM_CLOCK) });
  await box.settled();
  folder.disk.hold();
  for (const id of ['a', 'b', 'c']) await console.publish(`${BASE}/cmd/clip.start/${id}`, START, FRESH);
  for (const id of ['a', 'b', 'c']) await console.next((m) => m.json?.id === id && m.json.status === 'in_progress');
  assert.equal(box.box.front.started.length, 3);
  assert.deepEqual(box.log.of('mqtt_down'), []);
  folder.disk.release();
});

test('door lives on, and runs the command once, when the connection goes while the journal waits for the disk', async () => {
  await using folder = new StateFolder();
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  const port = await freePort();
  await using relay = await startRelay(port, broker.port);
  await using box = openMqttBox(`mqtt://127.0.0.1:${port}`, { journal: await journalOf(folder) });
  await box.settled();
  folder.disk.hold();
  await console.publish(`${BASE}/cmd/clip.start/c-1`, START, FRESH);
  await until('the journal waits for the disk', () => folder.disk.waiting > 0);
  relay.cut();
  await box.disconnected();
  relay.mend();
  await until('the broker delivers it again', () => box.executor.counts.duplicates === 1);
  folder.disk.release();
  await until('the clip is started', () => box.box.front.started.length === 1);
  await console.publish(`${BASE}/cmd/ping/p-1`, {});
  await console.final('p-1');
  assert.equal(box.box.front.started.length, 1);
  assert.equal(box.executor.counts.received, 3);
});

/** As a broker delivers it. */
const COMMAND: Packet = {
  ...{ cmd: 'publish', qos: 1, dup: false, retain: false, messageId: 7 },
  topic: `${BASE}/cmd/clip.start/c-1`,
  payload: Buffer.from(JSON.stringify(START)),
  properties: { messageExpiryInterval: 30 },
};
