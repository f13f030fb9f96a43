import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Finding } from '../../../src/app/doctor/finding.ts';
import { Database } from '../../../src/catalog/database.ts';
import { STATE_MIGRATIONS } from '../../../src/catalog/state/state-migrations.ts';
import { StoredVerdicts } from '../../../src/record/encoders/stored-verdicts.ts';
import { CAMERA, cambox, DaemonRig } from '../../support/daemon-rig.ts';
import { cameraPictures } from '../../support/mjpeg-pictures.ts';
import { RunningDaemon } from '../../support/running-daemon.ts';

interface Examined {
  readonly code: number;
  readonly status: Finding['status'];
  readonly all: readonly Finding[];
  /** Of this id, the first. */
  of(id: string): Finding | undefined;
}

/** `cambox doctor --json` with a config of the rig, and no daemon unless the rig runs one. */
async function examine(rig: DaemonRig, ...args: readonly string[]): Promise<Examined> {
  const { code, stdout, stderr } = await rig.ask('doctor', '--json', '--config', rig.configPath, ...args);
  assert.equal(stderr, '');
  const { status, findings } = JSON.parse(stdout.toString()) as { status: Finding['status']; findings: Finding[] };
  for (const finding of findings) assert.equal(finding.remedy === undefined, finding.status === 'ok', finding.id);
  return { code, status, all: findings, of: (id) => findings.find((finding) => finding.id === id) };
}

test('doctor finds the programs, libraries and encoders of this machine', async () => {
  await using rig = new DaemonRig();
  rig.configure();
  const { of } = await examine(rig);
  for (const id of ['config', 'cambox', 'libsystemd', 'libturbojpeg', 'ffmpeg', 'ffprobe', 'gso', 'encoder.copy']) {
    assert.equal(of(id)?.status, 'ok', `${id}: ${of(id)?.says}`);
  }
  assert.match(of('ffmpeg')!.says, /^\d+\.\d+.*-fps_mode/);
  assert.match(
    of('encoder.libx264')!.says,
    /^320x240: works \(pictures [\d.]+ dB alike\)/,
    'at the size of the camera',
  );
  assert.match(of('encoder.h264_rkmpp')!.says, /not here \(needs \/dev\/mpp_service\*\)/);
  assert.match(of('encoding')!.says, /320x240: clips are encoded with libx264/);
});

test('doctor probes encoders at the sizes of synthetic cameras, and at those that cameras have in the running daemon', async () => {
  await using rig = new DaemonRig();
  const pictures = join(rig.folder, 'door.mjpeg');
  writeFileSync(pictures, Buffer.concat(cameraPictures(30, '176x144')));
  rig.configure({ cameras: [CAMERA, { ...CAMERA, id: 'door', source: pictures, width: 640, height: 480 }] });
  const sizes = ({ all }: Examined) =>
    all.filter(({ id }) => id === 'encoder.libx264').map(({ says }) => says.split(':')[0]);
  assert.deepEqual(sizes(await examine(rig)), ['320x240', '640x480']);
  const daemon = new RunningDaemon(['--config', rig.configPath]);
  await using _ended = daemon;
  for (const camera of ['front', 'door']) await daemon.line('camera_streaming', { camera });
  assert.deepEqual(sizes(await examine(rig)), ['320x240', '176x144']);
});

test('doctor exits with 2 and says how to mend it when ffmpeg is missing', async () => {
  await using rig = new DaemonRig();
  rig.configure({ record: { dir: rig.folder, ffmpeg: '/nonexistent/ffmpeg' } });
  const { code, status, of } = await examine(rig);
  assert.deepEqual([code, status, of('ffmpeg')?.status], [2, 'fail', 'fail']);
  assert.match(of('ffmpeg')!.remedy!, /apt-get install ffmpeg/);
  assert.equal(of('encoders')?.status, 'fail');
});

test('doctor exits with 2 when the encoder of the config does not work, and says which one is used', async () => {
  await using rig = new DaemonRig();
  rig.configure({ record: { dir: rig.folder, encoder: 'h264_rkmpp' } });
  const { code, of } = await examine(rig);
  assert.equal(code, 2);
  assert.match(
    of('encoding')!.says,
    /encoded with libx264, not with h264_rkmpp \(h264_rkmpp: this machine has no such/,
  );
});

test('doctor examines with the defaults, and exits with 2, when the config cannot be used', async () => {
  await using rig = new DaemonRig();
  writeFileSync(rig.configPath, JSON.stringify({ record: { encoder: 'h265' } }));
  const { code, of } = await examine(rig);
  assert.equal(code, 2);
  assert.match(of('config')!.says, /record\.encoder/);
  assert.match(of('encoder.libx264')!.says, /^1280x720: works/);
});

test('doctor says that a camera of the config is not there', async () => {
  await using rig = new DaemonRig();
  rig.configure({ cameras: [{ ...CAMERA, source: 'usb:dead:beef' }] });
  const { of } = await examine(rig);
  assert.match(of('cameras')!.says, /the config names front, and there is no video device/);
});

test('doctor tells which encoders the daemon has given up', async () => {
  await using rig = new DaemonRig();
  rig.configure();
  await using state = await Database.open(join(rig.folder, 'state.db'), { migrations: STATE_MIGRATIONS });
  const at = '2026-11-20T18:04:00.000Z';
  await new StoredVerdicts(state).demote({ encoder: 'h264_v4l2m2m', size: '1280x720', reason: 'green', at });
  const { code, of } = await examine(rig, '--state', rig.folder);
  assert.equal(code, 1);
  assert.equal(of('given_up.h264_v4l2m2m')?.says, 'at 1280x720, 2026-11-20T18:04:00.000Z: green');
});

test('doctor tells what a running daemon reports, and warns when none runs', async () => {
  await using rig = new DaemonRig();
  rig.configure();
  assert.equal((await examine(rig)).of('daemon')?.status, 'warn');
  const daemon = rig.start();
  await daemon.line('ready');
  const found = await examine(rig);
  assert.match(found.of('daemon')!.says, /^cambox runs, cambox \d/);
  assert.match(found.of('daemon.ffmpeg_memory')!.says, /control group of its own|killed over its cap, as \S+/);
});

test('doctor says in words what is wrong, and what to do about it', async () => {
  await using rig = new DaemonRig();
  rig.configure({ record: { dir: rig.folder, ffprobe: '/nonexistent/ffprobe' } });
  const { code, stdout } = await rig.ask('doctor', '--config', rig.configPath);
  assert.equal(code, 2);
  assert.match(stdout.toString(), /^fail {2}ffprobe .*\n(.*\n)* +-> Install it: sudo apt-get install ffmpeg/m);
  assert.match(stdout.toString(), /^ok {4}cambox +\d/m);
});

test('doctor looks whether the databases are whole, beside the daemon and after it', async () => {
  await using rig = new DaemonRig();
  const state = join(rig.folder, 'state');
  mkdirSync(state);
  rig.configure();
  assert.match((await examine(rig, '--state', state)).of('catalogue')!.says, /catalog.db is not there/);
  const daemon = rig.start({}, { STATE_DIRECTORY: state });
  await daemon.line('catalog_ready');
  const beside = await examine(rig, '--state', state);
  for (const id of ['catalogue', 'state']) assert.match(beside.of(id)!.says, /\.db is whole$/, id);
  await daemon.stop();
  writeFileSync(join(rig.clipsDir, 'catalog.db'), 'no database', { flag: 'r+' });
  const { code, of } = await examine(rig, '--state', state);
  assert.deepEqual([code, of('catalogue')!.status, of('state')!.status], [2, 'fail', 'ok']);
});

test('doctor asks the daemon of the config that it examines', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('ready');
  const { stdout } = await cambox('doctor', '--json', '--config', rig.configPath);
  const { findings } = JSON.parse(stdout.toString()) as { findings: Finding[] };
  assert.match(findings.find(({ id }) => id === 'daemon')!.says, /^cambox runs/);
});
