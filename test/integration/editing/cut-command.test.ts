import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import type { ClipResult } from '../../../src/record/clip/clip.ts';
import { readClipMetadata } from '../../../src/record/clip/clip-metadata-file.ts';
import type { CutReport } from '../../../src/record/cut/cut-report.ts';
import type { TimelapseReport } from '../../../src/record/timelapse/timelapse-order.ts';
import { DaemonRig } from '../../support/daemon-rig.ts';
import { AS_RECORDED, H264, makeNumberedFile, numbersFrom, SIZE } from '../../support/numbered-file.ts';
import { numbersIn } from '../../support/numbered-video.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambox-cut-command-'));
after(() => rmSync(folder, { recursive: true }));

const CLIP = '20261120t180400z-front-3f9a1c';
const STORED = join(folder, 'stored.mp4');

before(() => {
  makeNumberedFile(STORED, { frames: 240, fps: 30, args: [...H264.slice(0, 4), '-g', '30', ...AS_RECORDED] });
});

/** A running daemon with a clip in its folder, under this name. */
async function daemonWith(name: string): Promise<DaemonRig> {
  const rig = new DaemonRig();
  mkdirSync(rig.clipsDir, { recursive: true });
  copyFileSync(STORED, join(rig.clipsDir, name));
  await rig.start().line('ready');
  return rig;
}

const ask = (rig: DaemonRig, args: object) => requestOverSocket(rig.socket, 'cut', args);
const shown = ({ path }: { readonly path: string }) => numbersIn(path, SIZE.width, SIZE.height);

test('cut of a stored clip makes clips beside it, in both accuracies', async () => {
  await using rig = await daemonWith(`${CLIP}.mp4`);
  for (const accuracy of ['copy', 'exact']) {
    const { status, result } = await ask(rig, { clip: CLIP, accuracy, ranges: [{ start_s: 2.5, duration_s: 2 }] });
    assert.equal(status, 'succeeded', JSON.stringify(result));
    const { clips } = result as CutReport;
    const suffix = accuracy === 'exact' ? '-exact' : '';
    assert.equal(clips[0]!.path, join(rig.clipsDir, `${CLIP}-cut-2500-4500${suffix}.mp4`));
    assert.deepEqual(shown(clips[0]!), numbersFrom(75, 135));
  }
});

test('the same cut asked for twice at once is made once, and both are told', async () => {
  await using rig = await daemonWith(`${CLIP}.mp4`);
  const args = { clip: CLIP, every_s: 3, accuracy: 'exact' };
  const answers = await Promise.all([ask(rig, args), ask(rig, args)]);
  for (const { status, result } of answers) {
    assert.equal(status, 'succeeded', JSON.stringify(result));
    assert.deepEqual((result as CutReport).clips.flatMap(shown), numbersFrom(0, 240));
  }
});

test('cuts that share a range do not write into the same file', async () => {
  await using rig = await daemonWith(`${CLIP}.mp4`);
  const [shared, other] = [
    { start_s: 1, duration_s: 3 },
    { start_s: 5, duration_s: 1 },
  ];
  const answers = await Promise.all([
    ask(rig, { clip: CLIP, accuracy: 'exact', ranges: [shared] }),
    ask(rig, { clip: CLIP, accuracy: 'exact', ranges: [shared, other] }),
  ]);
  const made = answers.flatMap(({ result }) => (result as CutReport).clips);
  assert.deepEqual(made.map(({ start_ms }) => start_ms).toSorted(), [1000, 5000], 'each is made once');
  for (const clip of made) assert.equal(shown(clip).length, clip.frames);
});

test('cut of a clip that is being recorded takes what is there', async () => {
  await using rig = await daemonWith('another.mp4');
  copyFileSync(STORED, join(rig.clipsDir, `${CLIP}.mp4.partial`));
  truncateSync(join(rig.clipsDir, `${CLIP}.mp4.partial`), 60_000);
  const { status, result } = await ask(rig, { clip: CLIP, ranges: [{ start_s: 1, duration_s: 1 }] });
  assert.equal(status, 'succeeded', JSON.stringify(result));
  assert.deepEqual((result as CutReport).clips.flatMap(shown), numbersFrom(30, 60));
});

test('cut that was done before is a conflict, and names the file', async () => {
  await using rig = await daemonWith(`${CLIP}.mp4`);
  const args = { clip: CLIP, ranges: [{ start_s: 1, duration_s: 1 }] };
  await ask(rig, args);
  const { status, error } = await ask(rig, args);
  assert.deepEqual([status, error?.code], ['failed', 'conflict']);
  assert.match(error!.message, /-cut-1000-2000\.mp4 as the file is there already/);
});

test('cut behind the end of a clip is not_found, and makes nothing', async () => {
  await using rig = await daemonWith(`${CLIP}.mp4`);
  const { error } = await ask(rig, { clip: CLIP, ranges: [{ start_s: 100 }] });
  assert.equal(error?.code, 'not_found');
  assert.deepEqual(
    readdirSync(rig.clipsDir).filter((name) => name.startsWith(CLIP)),
    [`${CLIP}.mp4`],
  );
});

test('what a killed cut left half-written is removed at the next start', async () => {
  await using rig = new DaemonRig();
  mkdirSync(rig.clipsDir, { recursive: true });
  const leftover = join(rig.clipsDir, `${CLIP}-cut-0-1000.mp4.part`);
  writeFileSync(leftover, 'half');
  const daemon = rig.start();
  await daemon.line('leftovers_removed');
  assert.equal(existsSync(leftover), false);
});

test('a clip that was cut out of another one is not taken for that', async () => {
  await using rig = new DaemonRig();
  await rig.start().line('camera_streaming');
  const recorded = await requestOverSocket(rig.socket, 'clip.start', { camera: 'front', pre_s: 0, duration_s: 1 });
  const { clip } = recorded.result as { clip: string };
  const { result } = await ask(rig, { clip, ranges: [{ start_s: 0.2, duration_s: 0.5 }] });
  const [part] = (result as CutReport).clips;
  assert.equal(typeof (await readClipMetadata(join(rig.clipsDir, `${clip}.mp4`))), 'object');
  assert.equal(await readClipMetadata(part!.path), 'no_clip');
});

test('timelapse of stored clips stands beside the first, and is made once when it is asked for twice meanwhile', async () => {
  await using rig = await daemonWith(`${CLIP}.mp4`);
  const clips = Array.from({ length: 12 }, () => CLIP); // it takes longer than to look at the first of them once more
  const args = { clips, speed: 30, time: true };
  const answers = await Promise.all([1, 2].map(() => requestOverSocket(rig.socket, 'timelapse', args)));
  for (const { status, result, error } of answers) {
    assert.equal(status, 'succeeded', JSON.stringify(error));
    const { path, frames, used } = result as TimelapseReport;
    assert.ok(path.startsWith(join(rig.clipsDir, `${CLIP}-timelapse-`)), path);
    assert.deepEqual([frames, used], [96, 12]);
  }
});

test('timelapse of a camera takes its clips of a span of time', async () => {
  await using rig = new DaemonRig();
  await rig.start().line('camera_streaming');
  await requestOverSocket(rig.socket, 'clip.start', { camera: 'front', pre_s: 0, duration_s: 1 });
  const made = await requestOverSocket(rig.socket, 'timelapse', {
    camera: 'front',
    from: '2020-01-01T00:00:00Z',
    speed: 5,
  });
  assert.equal(made.status, 'succeeded', JSON.stringify(made.error));
  const none = await requestOverSocket(rig.socket, 'timelapse', { camera: 'front', until: '2020-01-01T00:00:00Z' });
  assert.equal(none.error?.code, 'not_found');
});

test('timelapse with arguments that contradict each other is bad_schema', async () => {
  await using rig = await daemonWith(`${CLIP}.mp4`);
  for (const args of [
    {},
    { clips: [CLIP], camera: 'front' },
    { clips: [CLIP], speed: 2, duration_s: 3 },
    { clips: ['../x'] },
  ]) {
    const { error } = await requestOverSocket(rig.socket, 'timelapse', args);
    assert.equal(error?.code, 'bad_schema', JSON.stringify(args));
  }
});

test('cut of a span takes what lies in it of every clip of the camera', async () => {
  await using rig = new DaemonRig();
  await rig.start().line('camera_streaming');
  const record = (pre_s: number) =>
    requestOverSocket(rig.socket, 'clip.start', { camera: 'front', pre_s, duration_s: 1 });
  const [first, second] = [(await record(0)).result, (await record(0)).result] as ClipResult[];
  const from = Date.parse(first!.started_at) + 400;
  const until = Date.parse(second!.started_at) + 600;
  const span = { camera: 'front', from: new Date(from).toISOString(), until: new Date(until).toISOString() };
  const { status, result, error } = await ask(rig, span);
  assert.equal(status, 'succeeded', JSON.stringify(error));
  const { clips } = result as CutReport;
  assert.deepEqual(
    clips.map(({ path }) => path.slice(rig.clipsDir.length + 1).split('-cut-')[0]),
    [first!.clip, second!.clip],
  );
  const frames = clips.map((clip) => shown(clip).length);
  assert.ok(frames[0]! >= 13 && frames[0]! <= 17 && frames[1]! >= 13 && frames[1]! <= 17, `of 25 a second: ${frames}`);
  const none = await ask(rig, { ...span, from: '2020-01-01T00:00:00Z', until: '2020-01-02T00:00:00Z' });
  assert.equal(none.error?.code, 'not_found');
  assert.equal((await ask(rig, { ...span, until: span.from })).error?.code, 'bad_schema');
});

test('cut takes ids of clips, never paths', async () => {
  await using rig = await daemonWith(`${CLIP}.mp4`);
  for (const clip of ['../clips/x', '/etc/passwd', '-i', `${CLIP}.mp4`, '']) {
    assert.equal((await ask(rig, { clip, every_s: 1 })).error?.code, 'bad_schema', clip);
  }
  assert.equal((await ask(rig, { clip: 'another', every_s: 1 })).error?.code, 'not_found');
});
