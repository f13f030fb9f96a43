import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClipRecord, ClipSummary } from '../../../src/catalog/clips/clip-record.ts';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import { type CliResult, DaemonRig } from '../../support/daemon-rig.ts';
import { decodedFrames } from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

const clipsIn = ({ stdout }: CliResult): ClipSummary[] => JSON.parse(stdout.toString()).clips;
const partials = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith('.partial'));

test('cambox clips lists, finds, notes, protects and removes a clip', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('camera_streaming');
  await requestOverSocket(rig.socket, 'clip.start', { camera: 'front', pre_s: 0, duration_s: 0.5, label: 'fox' });
  const [listed] = clipsIn(await rig.ask('clips', 'ls', '--json'));
  const clip = listed!.clip;
  assert.deepEqual(clipsIn(await rig.ask('clips', 'search', 'fo*', '--json')), [listed]);
  assert.equal((await rig.ask('clips', 'note', clip, '--notes', 'at night')).code, 0);
  assert.match((await rig.ask('clips', 'search', 'night')).stdout.toString(), /fox/);
  assert.equal((await rig.ask('clips', 'note', clip, '--class', 'alarm')).code, 0);
  assert.deepEqual(clipsIn(await rig.ask('clips', 'ls', '--class', 'alarm', '--json')), [
    { ...listed, class: 'alarm' },
  ]);
  assert.equal((await rig.ask('clips', 'note', clip, '--class', '')).code, 0);
  assert.deepEqual(clipsIn(await rig.ask('clips', 'ls', '--json')), [listed]);
  assert.equal((await rig.ask('clips', 'protect', clip)).code, 0);
  assert.equal((await rig.ask('clips', 'rm', clip)).code, 2);
  const shown = (await rig.ask('clips', 'show', clip)).stdout.toString();
  assert.match(shown, /protected +true/);
  assert.match(shown, /ffmpeg +[\d.]+ MB at its peak, [\d.]+ of them held, cap [\d.]+/);
  assert.equal((await rig.ask('clips', 'protect', clip, '--off')).code, 0);
  assert.equal((await rig.ask('clips', 'rm', clip)).code, 0);
  assert.deepEqual(clipsIn(await rig.ask('clips', 'ls', '--json')), []);
  assert.deepEqual(
    readdirSync(rig.clipsDir).filter((name) => name.endsWith('.mp4')),
    [],
  );
});

test('cambox clips says what is wrong with a command line', async () => {
  await using rig = new DaemonRig();
  for (const args of [
    [],
    ['nonsense'],
    ['ls', '--limit', '0'],
    ['ls', '--since', 'x'],
    ['search'],
    ['rm'],
    ['note', 'a'],
  ]) {
    const { code, stderr } = await rig.ask('clips', ...args);
    assert.equal(code, 64, args.join(' '));
    assert.match(stderr, /^cambox clips/);
  }
});

test('cambox clips looks into the catalogue that a daemon has left, killed or not, and into that of a folder', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('camera_streaming');
  await requestOverSocket(rig.socket, 'clip.start', { camera: 'front', pre_s: 0, duration_s: 0.5, label: 'fox' });
  const [listed] = clipsIn(await rig.ask('clips', 'ls', '--json'));
  const folder = ['--dir', rig.clipsDir];
  const assertFound = async (place: readonly string[]): Promise<void> => {
    assert.deepEqual(clipsIn(await rig.ask('clips', 'ls', '--json', ...place)), [listed]);
    assert.deepEqual(clipsIn(await rig.ask('clips', 'search', 'fox', '--json', ...place)), [listed]);
    assert.deepEqual(clipsIn(await rig.ask('clips', 'search', 'owl', '--json', ...place)), []);
    assert.match((await rig.ask('clips', 'show', listed!.clip, ...place)).stdout.toString(), /label +fox/);
    assert.match((await rig.ask('clips', 'show', 'nothing', ...place)).stderr, /none of that name/);
  };
  await assertFound(folder); // beside the daemon
  daemon.signal('SIGKILL');
  await daemon.exit;
  await assertFound(['--config', rig.configPath]);
  assert.match((await rig.ask('clips', 'ls', '--config', rig.configPath)).stderr, /No daemon runs/);
  const next = rig.start();
  await next.line('camera_streaming');
  await next.stop();
  await assertFound(folder);
  const { code, stderr } = await rig.ask('clips', 'ls', '--camera', 'No!', ...folder);
  assert.deepEqual([code, /"No!"/.test(stderr)], [2, true], stderr);
  assert.match((await rig.ask('clips', 'ls', '--dir', '/nowhere')).stderr, /there is no such file/);
});

test('a daemon that was killed while recording finds the clip at the next start, and tells what is lost', async () => {
  await using rig = new DaemonRig();
  const first = rig.start();
  await first.line('camera_streaming');
  const pending = requestOverSocket(rig.socket, 'clip.start', { camera: 'front', pre_s: 1, label: 'cut' }).catch(
    String,
  );
  await first.line('clip_started');
  const written = (): number =>
    partials(rig.clipsDir).reduce((sum, file) => sum + statSync(join(rig.clipsDir, file)).size, 0);
  await until('a second and a half of it is written', () => written() > 320_000);
  first.signal('SIGKILL');
  await Promise.all([first.exit, pending]);
  const second = rig.start();
  await second.line('catalog_ready');
  const [listed] = clipsIn(await rig.ask('clips', 'search', 'cut', '--json'));
  assert.equal(listed?.state, 'recovered');
  const record: ClipRecord = JSON.parse((await rig.ask('clips', 'show', listed!.clip, '--json')).stdout.toString());
  assert.equal(record.end, 'crashed');
  assert.ok(record.lost_at_most_ms! >= 450, String(record.lost_at_most_ms));
  assert.equal(decodedFrames(join(rig.clipsDir, record.file)), record.frames);
  assert.ok(record.duration_ms > 1000, String(record.duration_ms));
  assert.deepEqual(partials(rig.clipsDir), []);
});

test('a daemon whose recording folder cannot be used says so, and still runs', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start({ record: { dir: '/proc/no-such-folder' } });
  const { code } = (await daemon.line('catalog_unavailable')) as unknown as { code: string };
  assert.equal(code, 'not_writable');
  await daemon.line('camera_streaming');
  const { stderr } = await rig.ask('clips', 'ls');
  assert.match(
    stderr,
    /Cannot open the folder \/proc\/no-such-folder as it is not there\. Check the mount and the owner/,
  );
  assert.equal(existsSync(rig.clipsDir), false);
});

test('cambox telemetry shows what a daemon has left, and refuses a figure that there is not', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('camera_streaming');
  const wrong = await rig.ask('telemetry', 'rss_bm');
  assert.equal(wrong.code, 64);
  assert.match(wrong.stderr, /no such metric.*"rss_bm".*Known are .*rss_mb/);
  daemon.signal('SIGTERM');
  await daemon.exit;
  const left = await rig.ask('telemetry', 'rss_mb', '--csv', '--config', rig.configPath);
  assert.match(left.stderr, /No daemon runs/);
  assert.match(left.stdout.toString(), /^time,metric,.*\n20.*,rss_mb,\d+,/);
  assert.match((await rig.ask('telemetry', 'rss_mb', '--dir', rig.clipsDir)).stdout.toString(), /^rss_mb +20/m);
  assert.match((await rig.ask('telemetry', 'rss_bm', '--dir', rig.clipsDir)).stderr, /no such metric/);
});
