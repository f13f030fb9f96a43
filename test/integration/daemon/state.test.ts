import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DaemonRig } from '../../support/daemon-rig.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { openConsole } from '../../support/mqtt-console.ts';
import { until } from '../../support/until.ts';

const FRESH = { properties: { messageExpiryInterval: 60 } };
const START = { args: { camera: 'front', pre_s: 1, duration_s: 600 } };
const BASE = 'cambox/v1/box-d';

/** A daemon with a state folder that outlives each of its runs, its broker and a console. */
async function openBox() {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await startMosquitto());
  const console = stack.use(await openConsole(broker.url));
  const rig = stack.use(new DaemonRig());
  const state = join(rig.folder, 'state');
  mkdirSync(state);
  const changes = { box: { id: 'box-d' }, mqtt: { url: broker.url } };
  const opened = stack.move();
  return {
    console,
    rig,
    start: () => rig.start(changes, { STATE_DIRECTORY: state }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

test('a daemon that is killed in the middle of a command answers it after the start, and does not run it again', async () => {
  await using box = await openBox();
  const { console } = box;

  const first = box.start();
  await first.line('mqtt_up');
  await console.publish(`${BASE}/cmd/clip.start/c-1`, START, FRESH);
  const begun = await console.next((m) => m.json?.id === 'c-1' && m.json.status === 'in_progress');
  first.signal('SIGKILL');
  await first.exit;

  const second = box.start();
  await second.line('mqtt_up');
  const { json, topic } = await console.final('c-1');
  assert.equal(topic, `${BASE}/res/clip.start/c-1`);
  assert.deepEqual([json.status, json.error.code, json.result.clip], ['failed', 'interrupted', begun.json.result.clip]);
  await second.line('ready');
  await console.publish(`${BASE}/cmd/clip.start/c-1`, START, FRESH);
  const again = await console.next((m) => m.json?.id === 'c-1' && m.json.duplicate === true);
  assert.deepEqual({ ...again.json, duplicate: false }, json);
  const health = await console.next((m) => m.topic === `${BASE}/health` && m.json.session === 2);
  assert.equal(health.json.clips.recording, 0);
  assert.equal(health.json.spool.dropped.event, 0);
});

test('a daemon raises an alarm while the recording folder is missing, and the next run clears it', async () => {
  await using box = await openBox();
  const { console, rig } = box;
  const alarm = `${BASE}/alarm/disk_missing`;

  const first = box.start();
  await first.line('ready');
  renameSync(rig.clipsDir, `${rig.clipsDir}.away`);
  const raised = () => console.received.find((m) => m.topic === alarm && m.payload.length > 0);
  await until('the alarm', () => raised() !== undefined, 30_000);
  const { json, retain } = raised()!;
  assert.deepEqual([json.type, json.checks[0].code, retain], ['disk_missing', 'disk_missing', true]);
  first.signal('SIGKILL');
  await first.exit;
  renameSync(`${rig.clipsDir}.away`, rig.clipsDir);
  console.forget();

  box.start();
  await until('its end', () => console.received.some((m) => m.topic === alarm && m.payload.length === 0), 30_000);
});
