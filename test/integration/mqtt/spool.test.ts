import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { ControlState } from '../../../src/app/fleet/control-state.ts';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { DatabaseReader } from '../../../src/catalog/database-reader.ts';
import { STATE_MIGRATIONS } from '../../../src/catalog/state/state-migrations.ts';
import { Spool } from '../../../src/control/mqtt/spool.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { openMqttBox } from '../../support/mqtt-box.ts';
import { openConsole } from '../../support/mqtt-console.ts';
import { StateFolder } from '../../support/state-database.ts';
import { until } from '../../support/until.ts';

const BASE = 'cambox/v1/box-a';
const FRESH = { properties: { messageExpiryInterval: 30 } };

/** spool-box-process.ts, whose lines the test waits for. Dispose to kill it. */
class SpoolBox implements AsyncDisposable {
  readonly said: string[] = [];
  readonly #child: ChildProcess;

  constructor(url: string, path: string) {
    const stdio = ['pipe', 'pipe', 'inherit'] as const;
    this.#child = spawn(process.execPath, ['test/support/spool-box-process.ts', url, path], { stdio: [...stdio] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.said.push(line));
  }

  says(line: string, timeoutMs = 30_000): Promise<void> {
    return until(line, () => this.said.includes(line), timeoutMs);
  }

  tell(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** Events that wait in a `state.db`, beside the process that has it open. */
function eventsIn(path: string): number {
  using state = DatabaseReader.open(path, STATE_MIGRATIONS);
  return Number(state.prepare('SELECT count(*) AS n FROM spool').get()!['n']);
}

test('spool delivers every event that the disk confirmed, in order, when the box is killed while the broker is away', async () => {
  await using folder = new StateFolder();
  await using broker = await startMosquitto();
  let confirmed: number;
  {
    await using box = new SpoolBox(broker.url, folder.path);
    await box.says('online');
    await broker.stop();
    box.tell('publish 60000');
    await box.says('stored 5000');
    await box[Symbol.asyncDispose]();
    confirmed = Number(box.said.at(-1)!.split(' ')[1]);
  }
  assert.ok(confirmed >= 5000 && confirmed < 60_000, `${confirmed} confirmed`);
  await broker.start();
  await using console = await openConsole(broker.url);
  await console.publish('cambox/v1/begin', {});
  await console.next((m) => m.topic === 'cambox/v1/begin');
  console.forget(); // what was retained from before
  const waiting = eventsIn(folder.path);
  let gone = 0;
  {
    await using _killed = new SpoolBox(broker.url, folder.path);
    await console.next((m) => m.json?.n === Math.floor(confirmed / 2));
    await until('events that were sent leave the disk', () => {
      gone = waiting - eventsIn(folder.path);
      return gone > 0;
    });
  }
  await using box = new SpoolBox(broker.url, folder.path);
  await box.says('empty', 60_000);
  await console.publish('cambox/v1/end', {});
  await console.next((m) => m.topic === 'cambox/v1/end');

  const events = console.received.filter((m) => m.topic === `${BASE}/event/tick`);
  const each = [...new Set(events.map((m) => m.json.n as number))]; // each where it came first
  assert.deepEqual(
    each.slice(0, confirmed),
    Array.from({ length: confirmed }, (_, i) => i + 1),
  );
  assert.ok(events.every((m) => m.json.session === 1 && m.json.seq === m.json.n));
  const twice = events.map((m) => m.json.n as number).filter((n, i, all) => all.indexOf(n) !== i);
  assert.ok(
    twice.every((n) => n > gone),
    `${twice} came twice, and the first ${gone} had left the disk`,
  );
  const first = console.received.indexOf(events[0]!);
  for (const topic of ['status', 'birth', 'health', 'cam/front/state']) {
    const at = console.received.findIndex((m) => m.topic === `${BASE}/${topic}`);
    assert.ok(at !== -1 && at < first, `${topic} goes before the backlog`);
  }
});

test('spool takes what waits when the box is stopped while the broker is away, and the next run sends it', async () => {
  await using folder = new StateFolder();
  await using broker = await startMosquitto();
  const open = async (session: number) => {
    const db = await folder.open();
    return { db, box: openMqttBox(broker.url, { spool: new Spool({ db, logger: SILENT }), session }) };
  };
  {
    const { db, box } = await open(1);
    await box.settled();
    await broker.stop();
    await box.disconnected();
    for (let n = 1; n <= 3; n++) box.door.publishEvent('tick', { n });
    await box[Symbol.asyncDispose]();
    assert.equal(box.door.spool.stored, 3);
    await db[Symbol.asyncDispose]();
  }
  await broker.start();
  await using console = await openConsole(broker.url);
  const { box } = await open(2);
  await using _ = box;
  await box.settled();
  box.door.publishEvent('tick', { n: 4 });
  await console.next((m) => m.json?.n === 4);
  const ticks = console.received.filter((m) => m.topic === `${BASE}/event/tick`);
  assert.deepEqual(
    ticks.map((m) => [m.json.n, m.json.session, m.json.seq]),
    [
      [1, 1, 1],
      [2, 1, 2],
      [3, 1, 3],
      [4, 2, 1],
    ],
  );
});

test('spool writes nothing to the disk when the broker is there', async () => {
  await using folder = new StateFolder();
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  const db = await folder.open();
  await using box = openMqttBox(broker.url, { spool: new Spool({ db, logger: SILENT }) });
  await box.settled();
  const before = db.prepare('SELECT total_changes() AS n').get();
  for (let n = 1; n <= 400; n++) box.door.publishEvent('tick', { n });
  await console.next((m) => m.json?.n === 400);
  await box.settled();
  assert.deepEqual(db.prepare('SELECT total_changes() AS n').get(), before);
});

test('box answers interrupted, once, where the requester waits, when it was killed in the middle of a command', async () => {
  await using folder = new StateFolder();
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  {
    await using box = new SpoolBox(broker.url, folder.path);
    await box.says('online');
    const responseTopic = `${BASE}/res/console-7`;
    const correlationData = Buffer.from('abc');
    const properties = { ...FRESH.properties, responseTopic, correlationData };
    await console.publish(`${BASE}/cmd/clip.start/c-1`, { args: { camera: 'front', pre_s: 1 } }, { properties });
    const { json } = await console.next((m) => m.json?.id === 'c-1' && m.json.status === 'in_progress');
    assert.ok(json.result.clip);
    await console.publish(`${BASE}/cmd/ping/p-1`, {});
    await console.final('p-1');
  }
  for (let start = 0; start < 2; start++) {
    await using box = new SpoolBox(broker.url, folder.path);
    await box.says('empty');
    const { json, topic, properties } = await console.final('c-1');
    assert.deepEqual([json.status, json.error.code, topic], ['failed', 'interrupted', `${BASE}/res/console-7`]);
    assert.deepEqual(properties.correlationData, Buffer.from('abc'));
    assert.ok(json.result.clip, 'which clip was begun');
  }
  await using db = await folder.open();
  const { journal } = new ControlState(db, { clock: SYSTEM_CLOCK, logger: SILENT });
  assert.equal(journal.recall('c-1')?.response.error?.code, 'interrupted');
  assert.equal(console.received.filter((m) => m.json?.id === 'c-1' && m.json.status === 'failed').length, 1);
});
