import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { MadeRecord } from '../../../src/catalog/clips/made-record.ts';
import type { MadePage } from '../../../src/catalog/clips/made-table.ts';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import type { CutReport } from '../../../src/record/cut/cut-report.ts';
import type { TimelapseReport } from '../../../src/record/timelapse/timelapse-order.ts';
import { cambox, DaemonRig } from '../../support/daemon-rig.ts';
import { madeRecord } from '../../support/made-records.ts';
import { H264, makeNumberedFile } from '../../support/numbered-file.ts';
import { RecordingFolder } from '../../support/recording-folder.ts';

const CLIP = '20261120t180400z-front-3f9a1c';
const folder = mkdtempSync(join(tmpdir(), 'cambox-made-'));
const VIDEO = join(folder, 'video.mp4');
before(() => makeNumberedFile(VIDEO, { frames: 60, fps: 30, args: H264 }));
after(() => rmSync(folder, { recursive: true }));

/** A daemon that recorded a clip, and made a cut and a timelapse of it. */
async function makeBoth(rig: DaemonRig): Promise<string> {
  await rig.start().line('camera_streaming');
  const recorded = await requestOverSocket(rig.socket, 'clip.start', { camera: 'front', pre_s: 0, duration_s: 2 });
  const { clip } = recorded.result as { clip: string };
  const cut = await requestOverSocket(rig.socket, 'cut', { clip, ranges: [{ start_s: 0.5, duration_s: 1 }] });
  assert.equal(cut.status, 'succeeded', JSON.stringify(cut));
  const timelapse = await requestOverSocket(rig.socket, 'timelapse', { clips: [clip], speed: 4 });
  assert.equal(timelapse.status, 'succeeded', JSON.stringify(timelapse));
  const { bytes, duration_ms } = (cut.result as CutReport).clips[0]!;
  const made = await madeOf(rig);
  assert.deepEqual(
    made.map(({ kind, bytes: size, duration_ms: ms }) => [kind, size, ms]),
    [
      ['timelapse', (timelapse.result as TimelapseReport).bytes, (timelapse.result as TimelapseReport).duration_ms],
      ['cut', bytes, duration_ms],
    ],
  );
  return clip;
}

async function madeOf(rig: DaemonRig): Promise<readonly MadeRecord[]> {
  const { result } = await requestOverSocket(rig.socket, 'made.list', {});
  return (result as MadePage).made;
}

test('what was made of clips is in the catalogue, also in one that is made anew', async () => {
  await using rig = new DaemonRig();
  const clip = await makeBoth(rig);
  const made = await madeOf(rig);
  for (const record of made) {
    assert.deepEqual([record.clip, record.camera], [clip, 'front']);
    assert.ok(existsSync(join(rig.clipsDir, record.file)));
    assert.ok(record.job);
  }
  const { result } = await requestOverSocket(rig.socket, 'clip.get', { clip });
  const startedMs = Date.parse((result as { started_at: string }).started_at);
  assert.deepEqual(
    made.map(({ started_at }) => Date.parse(started_at) - startedMs),
    [0, 500],
  );
  await rig.stop();
  for (const name of readdirSync(rig.clipsDir)) {
    if (name.startsWith('catalog.db')) rmSync(join(rig.clipsDir, name));
  }
  const again = rig.start();
  await again.line('catalog_ready');
  assert.deepEqual(await madeOf(rig), made);
});

/** Of `clips export`, `clips verify` and `timelapse`. */
interface Told {
  readonly clips?: readonly { readonly file: string }[];
  readonly whole?: number;
  readonly used?: number;
}

test('what was made of clips is no clip for export, verify and timelapse, unless it is named', async () => {
  await using rig = new DaemonRig();
  const clip = await makeBoth(rig);
  const [, cut] = await madeOf(rig);
  await rig.stop();
  renameSync(join(rig.clipsDir, cut!.file), join(rig.clipsDir, 'the best of it.mp4'));
  const json = async (...args: readonly string[]): Promise<Told> => {
    const { stdout, stderr } = await cambox(...args, '--dir', rig.clipsDir, '--json');
    return stdout.length === 0 ? assert.fail(stderr) : JSON.parse(stdout.toString());
  };
  const files = async (...args: readonly string[]): Promise<string[]> => {
    const { clips } = await json('clips', 'export', ...args, '--to', mkdtempSync(join(folder, 'out-')));
    return clips!.map(({ file }) => file);
  };
  assert.deepEqual(await files(), [`${clip}.mp4`]);
  assert.deepEqual(await files('the best of it'), ['the best of it.mp4']);
  assert.equal((await json('clips', 'verify')).whole, 1);
  const { used } = await json('timelapse', '--until', '2100-01-01', '--out', join(folder, 'timelapse.mp4'));
  assert.equal(used, 1);
});

test('what was made of clips is removed as a clip is', async () => {
  await using rig = new DaemonRig();
  await makeBoth(rig);
  const [timelapse, cut] = await madeOf(rig);
  const removed = await rig.ask('clips', 'rm', cut!.file, timelapse!.file.slice(0, -'.mp4'.length));
  assert.equal(removed.code, 0, removed.stderr);
  assert.deepEqual(await madeOf(rig), []);
  const left = readdirSync(rig.clipsDir).filter((name) => name.endsWith('.mp4'));
  assert.equal(left.length, 1);
  const list = await rig.ask('clips', 'made');
  assert.equal(list.stderr.trim(), 'nothing was made of clips');
});

test('a start takes up what was made and has no row, and forgets rows without a file', async () => {
  using clips = new RecordingFolder();
  const [old, foreign, half] = [`${CLIP}-cut-1500-2500.mp4`, 'holiday-cut-1-2.mp4', `${CLIP}-cut-0-1000.mp4`];
  for (const file of [old, foreign]) copyFileSync(VIDEO, clips.path(file));
  writeFileSync(clips.path(half), 'no video');
  {
    await using archive = await clips.open();
    await archive.made.put([madeRecord(1), madeRecord(2)]);
    writeFileSync(clips.path(madeRecord(2).file), '');
  }
  await using archive = await clips.open();
  const { adopted, foreign: left } = await clips.reconcile(archive);
  assert.deepEqual([adopted, left], [1, 2]);
  assert.equal(archive.made.lookUp(madeRecord(1).file), undefined);
  assert.equal(archive.made.find({ limit: 10 }).made.length, 2);
  const { kind, clip, camera, duration_ms, started_at } = archive.made.lookUp(old)!;
  assert.deepEqual([kind, clip, camera, duration_ms], ['cut', CLIP, 'front', 2000]);
  assert.equal(started_at, '2026-11-20T18:04:01.500Z');
  const again = await clips.reconcile(archive);
  assert.deepEqual([again.adopted, again.foreign], [0, 2]);
});
