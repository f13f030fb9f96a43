import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAMERA, cambox, DaemonRig } from '../../support/daemon-rig.ts';
import { FleetConsole, type SeenMessage } from '../../support/fleet-console.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { NumberedReceiver } from '../../support/numbered-receiver.ts';
import { until } from '../../support/until.ts';

test('the daemon streams to a receiver that decodes every frame after its first', async () => {
  await using rig = new DaemonRig();
  const sdp = join(rig.folder, 'front.sdp');
  const rtp = [{ host: '127.0.0.1', port: 15_004, sdp_file: sdp }];
  const daemon = rig.start({ cameras: [{ ...CAMERA, rtp }] });
  await daemon.line('camera_streaming');
  await until('the session description is there', () => readdirSync(rig.folder).includes('front.sdp'));
  await using receiver = new NumberedReceiver(sdp, 320, 240);
  await until('ffmpeg sees 50 frames', () => receiver.numbers.length >= 50);
  await daemon.stop();
  await receiver.finish(15_004);
  const { captured } = (await daemon.line('camera_stopped')) as unknown as { captured: number };
  const first = receiver.numbers[0]!;
  assert.deepEqual(
    receiver.numbers,
    Array.from({ length: captured - first }, (_, i) => first + i),
  );
});

test('SIGTERM ends the daemon within 3 s with its clip finalised and offline said', async () => {
  await using broker = await startMosquitto();
  await using operator = new FleetConsole(broker.port, 'cambox');
  await using rig = new DaemonRig();
  const daemon = rig.start({ mqtt: { url: broker.url } });
  await daemon.line('camera_streaming');
  await operator.message('online', ({ topic }) => topic === 'status');
  const id = operator.publish('clip.start', { camera: 'front', pre_s: 1 });
  await daemon.line('clip_started');
  const { exit, tookMs } = await daemon.stop();
  assert.equal(exit, 0);
  assert.ok(tookMs < 3000, `took ${tookMs} ms`);

  const [file = '', ...others] = readdirSync(rig.clipsDir).filter((name) => !/^(catalog|telemetry)\.db/.test(name));
  assert.ok(file.endsWith('.mp4') && others.length === 0, `in the folder: ${[file, ...others].join(' ')}`);
  const probe = ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0'];
  const frames = Number(execFileSync('ffprobe', [...probe, join(rig.clipsDir, file)], { encoding: 'utf8' }));
  const answer = await operator.answer('clip.start', id);
  assert.equal(answer.result?.['end'], 'shutdown');
  assert.equal(answer.result?.['frames'], frames);
  assert.ok(frames > 0);
  const said = operator.messages
    .filter(({ topic }) => topic === 'status')
    .map(({ payload }) => payload as { state: string });
  assert.deepEqual(
    said.map(({ state }) => state),
    ['online', 'offline'],
  );
});

test('SIGINT ends the daemon as SIGTERM does', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('ready');
  daemon.signal('SIGINT');
  assert.equal(await daemon.exit, 0);
});

test('a second daemon on the same control socket exits with 75 and touches nothing', async () => {
  await using rig = new DaemonRig();
  const first = rig.start();
  await first.line('ready');
  const second = rig.start();
  assert.equal(await second.exit, 75);
  assert.match(second.stderr, new RegExp(`${rig.socket}.*another|another.*${rig.socket}`));
  assert.match((await rig.ask('status')).stdout.toString(), /front {2}streaming/);
});

test('SIGHUP with a changed config restarts the camera that changed, and only that', async () => {
  await using rig = new DaemonRig();
  const back = { ...CAMERA, id: 'back' };
  const daemon = rig.start({ cameras: [CAMERA, back] });
  await daemon.line('ready');
  rig.configure({ cameras: [{ ...CAMERA, fps: 5 }, back] });
  daemon.signal('SIGHUP');
  const { stopped, started } = (await daemon.line('reloaded')) as unknown as { stopped: string[]; started: string[] };
  assert.deepEqual([stopped, started], [['front'], ['front']]);
  assert.deepEqual(
    daemon.log.filter(({ event }) => event === 'camera_stopped').map(({ camera }) => camera),
    ['front'],
  );
});

test('SIGHUP that takes a camera away clears its retained state and publishes birth again', async () => {
  await using broker = await startMosquitto();
  await using rig = new DaemonRig();
  const mqtt = { url: broker.url };
  const daemon = rig.start({ cameras: [CAMERA, { ...CAMERA, id: 'back' }], mqtt });
  await daemon.line('mqtt_up');
  await using operator = new FleetConsole(broker.port, 'cambox');
  await operator.message('back', ({ topic }) => topic === 'cam/back/state');
  rig.configure({ cameras: [CAMERA], mqtt });
  daemon.signal('SIGHUP');
  await operator.message('a cleared state', ({ topic, payload }) => topic === 'cam/back/state' && payload === 0);
  const isBirthWithoutBack = ({ topic, payload }: SeenMessage): boolean =>
    topic === 'birth' && !('back' in (payload as { cameras: object }).cameras);
  await operator.message('birth without it', isBirthWithoutBack);
});

test('SIGHUP with a config that cannot be used is refused with the reason, and the box goes on', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('ready');
  rig.configure({ camras: [] });
  daemon.signal('SIGHUP');
  const { error } = await daemon.line('reload_refused');
  assert.match(String(error), /camras: unknown key, did you mean cameras\?/);
  assert.match((await rig.ask('status')).stdout.toString(), /front {2}streaming/);
});

test('a second daemon on the same folders touches neither clip nor state of the first, and has them when the first is gone', async () => {
  await using rig = new DaemonRig();
  const state = join(rig.folder, 'state');
  mkdirSync(state);
  const first = rig.start({}, { STATE_DIRECTORY: state });
  await first.line('ready');
  const begun = JSON.parse((await rig.ask('clip', 'start', 'front', '--detach', '--json')).stdout.toString());
  const partial = join(rig.clipsDir, `${begun.clip}.mp4.partial`);
  await until('it is recorded', () => existsSync(partial));
  const socket = join(rig.folder, 'second.sock');
  const second = rig.start({ control: { socket } }, { STATE_DIRECTORY: state });
  const { cameras } = await second.line('ready');
  assert.deepEqual(cameras, { front: 'streaming' });
  const holder = new RegExp(`process ${first.pid}\\b`);
  assert.match(String((await second.line('catalog_unavailable', { code: 'in_use' }))['problem']), holder);
  assert.match(String((await second.line('state_unavailable', { code: 'in_use' }))['problem']), holder);
  assert.ok(existsSync(partial), 'it was taken from the first');
  assert.equal((await cambox('clips', 'ls', '--dir', rig.clipsDir)).code, 0);
  first.signal('SIGKILL');
  await first.exit;
  await second.line('catalog_ready', {}, 90_000);
  assert.ok(existsSync(join(rig.clipsDir, `${begun.clip}.mp4`)), 'it was not recovered');
});
