import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAMERA, cambox, DaemonRig } from '../../support/daemon-rig.ts';
import { FleetConsole } from '../../support/fleet-console.ts';
import { freePort, startMosquitto } from '../../support/mosquitto.ts';
import { until } from '../../support/until.ts';

interface StatusJson {
  readonly health: { readonly status: string };
  readonly cameras: { readonly front: { readonly state: string; readonly error?: { readonly message: string } } };
}

async function status(rig: DaemonRig): Promise<StatusJson> {
  return JSON.parse((await rig.ask('status', '--json')).stdout.toString());
}

test('without its camera the daemon gets ready, says how to find it, and status tells', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start({ cameras: [{ ...CAMERA, source: '/dev/video77' }] });
  const { code, error } = await daemon.line('camera_unavailable');
  assert.equal(code, 'not_found');
  assert.match(String(error), /\/dev\/video77/);
  await daemon.line('ready');
  const { health, cameras } = await status(rig);
  assert.equal(cameras.front.state, 'lost');
  assert.notEqual(health.status, 'ok');
  await until('it has been tried again', () => daemon.log.some(({ event }) => event === 'ready'));
  assert.equal(daemon.log.filter(({ event }) => event === 'camera_unavailable').length, 1);
});

test('a source that comes back is picked up', async () => {
  await using rig = new DaemonRig();
  const away = join(rig.folder, 'away.mjpeg');
  const here = join(rig.folder, 'here.mjpeg');
  const { stdout } = await cambox('snapshot', 'synthetic:320x240', '-o', '-');
  writeFileSync(away, stdout);
  const daemon = rig.start({ cameras: [{ ...CAMERA, source: here }] });
  await daemon.line('camera_unavailable');
  renameSync(away, here);
  await daemon.line('camera_streaming');
});

test('without ffmpeg the daemon streams on, warns once, and a clip is refused with the line that installs it', async () => {
  await using broker = await startMosquitto();
  await using operator = new FleetConsole(broker.port, 'cambox');
  await using rig = new DaemonRig();
  const record = { dir: rig.clipsDir, ffmpeg: '/nowhere/ffmpeg', ffprobe: '/nowhere/ffprobe' };
  const daemon = rig.start({ record, mqtt: { url: broker.url } });
  await daemon.line('recorder_not_ready', { code: 'missing_program' });
  await daemon.line('camera_streaming');
  await operator.message('online', ({ topic }) => topic === 'status');
  const answer = await operator.answer('clip.start', operator.publish('clip.start', { camera: 'front', pre_s: 1 }));
  assert.equal(answer.status, 'failed');
  assert.equal(answer.error?.code, 'missing_program');
  assert.match(answer.error?.message ?? '', /apt-get install ffmpeg/);
});

test('with a clip folder that cannot be written the daemon streams on and a clip is refused with the path', async () => {
  await using broker = await startMosquitto();
  await using operator = new FleetConsole(broker.port, 'cambox');
  await using rig = new DaemonRig();
  const blocker = join(rig.folder, 'file');
  writeFileSync(blocker, 'a file where a folder is wanted');
  const daemon = rig.start({ record: { dir: join(blocker, 'clips') }, mqtt: { url: broker.url } });
  await daemon.line('recorder_not_ready', { code: 'not_writable' });
  await daemon.line('camera_streaming');
  await operator.message('online', ({ topic }) => topic === 'status');
  const answer = await operator.answer('clip.start', operator.publish('clip.start', { camera: 'front', pre_s: 1 }));
  assert.equal(answer.error?.code, 'not_writable');
  assert.ok(answer.error?.message.includes(blocker));
});

test('with the broker down at the start the daemon warns once, streams, and connects when it comes', async () => {
  await using rig = new DaemonRig();
  await using broker = await startMosquitto();
  await broker.stop();
  const daemon = rig.start({ mqtt: { url: broker.url } });
  await daemon.line('mqtt_down');
  await daemon.line('camera_streaming');
  await broker.start();
  await daemon.line('mqtt_up');
  assert.equal(daemon.log.filter(({ event }) => event === 'mqtt_down').length, 1);
});

test('with the broker lost later the daemon warns once and says when it is back', async () => {
  await using rig = new DaemonRig();
  await using broker = await startMosquitto();
  const daemon = rig.start({ mqtt: { url: broker.url } });
  await daemon.line('mqtt_up');
  await broker.stop();
  await daemon.line('mqtt_down');
  await broker.start();
  await until('it has connected twice', () => daemon.log.filter(({ event }) => event === 'mqtt_up').length === 2);
});

test('an unknown config key ends the daemon with 78 and the key that was meant', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start({ recrod: {} });
  assert.equal(await daemon.exit, 78);
  assert.match(daemon.stderr, /recrod: unknown key, did you mean record\?/);
});

test('a config file that is not there ends the daemon with 78 and its path', async () => {
  const { code, stderr } = await cambox('run', '--config', '/nowhere/config.json');
  assert.equal(code, 78);
  assert.match(stderr, /\/nowhere\/config\.json/);
});

test('a control socket in a folder that cannot be made ends the daemon with the path', async () => {
  await using rig = new DaemonRig();
  mkdirSync(join(rig.folder, 'x'));
  writeFileSync(join(rig.folder, 'x', 'file'), '');
  const daemon = rig.start({ control: { socket: join(rig.folder, 'x', 'file', 'control.sock') } });
  assert.equal(await daemon.exit, 2);
  assert.match(daemon.stderr, /control\.sock/);
});

test('a receiver that is not there is counted and does not stop the stream', async () => {
  await using rig = new DaemonRig();
  const port = await freePort();
  const daemon = rig.start({ cameras: [{ ...CAMERA, rtp: [{ host: '127.0.0.1', port }] }] });
  await daemon.line('rtp_send_failed', { errno: 'ECONNREFUSED' });
  assert.equal((await status(rig)).cameras.front.state, 'streaming');
});
