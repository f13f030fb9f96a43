import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DaemonRig } from '../support/daemon-rig.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { openConsole } from '../support/mqtt-console.ts';
import { until } from '../support/until.ts';

const FRESH = { properties: { messageExpiryInterval: 60 } };
const START = { args: { camera: 'front', pre_s: 1, duration_s: 600 } };

test('a daemon that is killed in the middle of a command answers it after the start, and does not run it again', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using rig = new DaemonRig();
  const state = join(rig.folder, 'state');
  mkdirSync(state);
  const changes = { box: { id: 'box-d' }, mqtt: { url: broker.url } };
  const base = 'cambox/v1/box-d';

  const first = rig.start(changes, { STATE_DIRECTORY: state });
  await first.line('mqtt_up');
  await console.publish(`${base}/cmd/clip.start/c-1`, START, FRESH);
  const begun = await console.next((m) => m.json?.id === 'c-1' && m.json.status === 'in_progress');
  first.signal('SIGKILL');
  await first.exit;

  const second = rig.start(changes, { STATE_DIRECTORY: state });
  await second.line('mqtt_up');
  const { json, topic } = await console.final('c-1');
  assert.equal(topic, `${base}/res/clip.start/c-1`);
  assert.deepEqual([json.status, json.error.code, json.result.clip], ['failed', 'interrupted', begun.json.result.clip]);
  await second.line('ready');
  await console.publish(`${base}/cmd/clip.start/c-1`, START, FRESH);
  const again = await console.next((m) => m.json?.id === 'c-1' && m.json.duplicate === true);
  assert.deepEqual({ ...again.json, duplicate: false }, json);
  const health = await console.next((m) => m.topic === `${base}/health` && m.json.session === 2);
  assert.equal(health.json.clips.recording, 0);
  assert.equal(health.json.spool.dropped.event, 0);
});

test('a daemon raises an alarm while the recording folder is missing, and the next run clears it', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using rig = new DaemonRig();
  const state = join(rig.folder, 'state');
  mkdirSync(state);
  const changes = { box: { id: 'box-d' }, mqtt: { url: broker.url } };
  const alarm = 'cambox/v1/box-d/alarm/disk_missing';

  const first = rig.start(changes, { STATE_DIRECTORY: state });
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

  rig.start(changes, { STATE_DIRECTORY: state });
  await until('its end', () => console.received.some((m) => m.topic === alarm && m.payload.length === 0), 30_000);
});
