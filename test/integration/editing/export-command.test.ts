import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import type { ExportReport } from '../../../src/record/export/export-report.ts';
import { DaemonRig } from '../../support/daemon-rig.ts';
import { PutServer } from '../../support/put-server.ts';
import { ageDecrypt, ageKeys } from '../../support/stored-clips.ts';
import { until } from '../../support/until.ts';

/** A running daemon that may hand over to this place, and a clip of it. */
async function daemonWith(rig: DaemonRig, exporting: object, env: NodeJS.ProcessEnv = {}) {
  const daemon = rig.start({ export: exporting }, env);
  await daemon.line('camera_streaming');
  const args = { camera: 'front', pre_s: 0, duration_s: 0.5, encoder: 'copy' };
  const { result } = await requestOverSocket(rig.socket, 'clip.start', args);
  return { daemon, clip: (result as { clip: string }).clip };
}

const ask = (rig: DaemonRig, args: object) => requestOverSocket(rig.socket, 'clip.export', args);

test('clip.export hands clips over to the folder of the config, sealed for its key and one that is asked for, and sends nothing twice', async () => {
  await using rig = new DaemonRig();
  const out = join(rig.folder, 'out');
  const keys = ageKeys(rig.folder);
  const { clip } = await daemonWith(rig, { to: out, recipients: [keys.recipient] });
  const first = await ask(rig, { clips: [clip] });
  assert.equal(first.status, 'succeeded', JSON.stringify(first.error));
  const report = first.result as ExportReport;
  assert.deepEqual([report.to, report.copied, report.present, report.failed, report.sealed], [out, 1, 0, 0, true]);
  const sealed = join(out, `${clip}.mp4.age`);
  assert.deepEqual(ageDecrypt(keys.identity, sealed), readFileSync(join(rig.clipsDir, `${clip}.mp4`)));
  const span = { camera: 'front', from: '2020-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' };
  const again = (await ask(rig, span)).result as ExportReport;
  assert.deepEqual([again.copied, again.present], [0, 1]);
  const { result } = await requestOverSocket(rig.socket, 'jobs.list', { finished: true });
  const kinds = (result as { finished: { kind: string }[] }).finished.map(({ kind }) => kind);
  assert.deepEqual(kinds, ['export', 'export']);
});

test('clip.export hands clips over to the server of the config, with its secrets, and tells why when that refuses', async () => {
  await using server = await PutServer.open();
  await using rig = new DaemonRig();
  server.token = 'secret';
  const token_file = join(rig.folder, 'token');
  writeFileSync(token_file, 'secret\n');
  const { clip } = await daemonWith(rig, { to: server.url, ca: server.ca, token_file });
  const { status, result } = await ask(rig, { clips: [clip] });
  assert.deepEqual([status, (result as ExportReport | undefined)?.copied], ['succeeded', 1]);
  assert.deepEqual(server.files.get(`${clip}.mp4`), readFileSync(join(rig.clipsDir, `${clip}.mp4`)));
  server.token = 'another';
  const refused = await ask(rig, { clips: [clip] });
  assert.deepEqual([refused.status, refused.error?.code], ['failed', 'not_permitted']);
  assert.equal(refused.error?.message.match(/Cannot /g)?.length, 1, refused.error?.message);
});

test('clip.export that is told to end leaves nothing half-written under a name of its own', async () => {
  await using server = await PutServer.open();
  await using rig = new DaemonRig();
  const { clip } = await daemonWith(rig, { to: server.url, ca: server.ca });
  server.mishaps.set(`PUT ${clip}.mp4`, [{ kind: 'stall' }]);
  const asked = ask(rig, { clips: [clip] });
  await until('it is sent', () => server.requests.includes(`PUT ${clip}.mp4`), 20_000);
  const { result } = await requestOverSocket(rig.socket, 'jobs.list', { kind: 'export' });
  const [job] = (result as { jobs: { job: string; kind: string }[] }).jobs;
  assert.equal(job?.kind, 'export');
  await requestOverSocket(rig.socket, 'job.cancel', { job: job!.job });
  assert.equal((await asked).status, 'canceled');
  assert.equal(server.files.size, 0);
});

test('clip.export that a restart of the service interrupts is done after it', async () => {
  await using server = await PutServer.open();
  await using rig = new DaemonRig();
  const state = { STATE_DIRECTORY: join(rig.folder, 'state') };
  mkdirSync(state.STATE_DIRECTORY);
  const place = { to: server.url, ca: server.ca };
  const { clip, daemon: before } = await daemonWith(rig, place, state);
  server.mishaps.set(`PUT ${clip}.mp4`, [{ kind: 'stall' }]);
  const cutOff = ask(rig, { clips: [clip] });
  await until('it is sent', () => server.requests.includes(`PUT ${clip}.mp4`), 20_000);
  await before.stop();
  assert.equal((await cutOff).error?.code, 'interrupted');
  assert.equal(server.files.size, 0);
  const daemon = rig.start({ export: place }, state);
  await daemon.line('jobs_restored');
  await until('it is handed over', () => server.files.has('manifest.json'), 20_000);
  assert.deepEqual(server.files.get(`${clip}.mp4`), readFileSync(join(rig.clipsDir, `${clip}.mp4`)));
});

test('clip.export goes nowhere else: no place in the config, no key that is none, no clip that is not there', async () => {
  await using rig = new DaemonRig();
  const { clip } = await daemonWith(rig, {});
  const refused = await ask(rig, { clips: [clip] });
  assert.equal(refused.error?.code, 'unsupported');
  assert.match(refused.error!.message, /names no place for them\. Set export\.to/);
  await rig.stop();
  const out = join(rig.folder, 'out');
  await daemonWith(rig, { to: out });
  for (const args of [
    { clips: [clip], to: '/tmp' },
    { clips: [clip], recipients: ['age1short'] },
    { clips: ['../x'] },
  ]) {
    assert.equal((await ask(rig, args)).error?.code, 'bad_schema', JSON.stringify(args));
  }
  const forged = { clips: [clip], recipients: [`age1${'q'.repeat(58)}`] };
  assert.equal((await ask(rig, forged)).error?.code, 'bad_argument', 'its checksum is wrong');
  assert.equal((await ask(rig, { clips: ['no-such-clip'] })).error?.code, 'not_found');
  assert.ok(!existsSync(out) || readdirSync(out).length === 0);
});
