import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CamboxError, type ErrorCode } from '../../../src/base/errors.ts';
import { monoPlus, monoUs } from '../../../src/base/units.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import type { ClipRequest } from '../../../src/record/clip/clip.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { cameraPictures, splitJpegs, withoutDht } from '../../support/mjpeg-pictures.ts';
import {
  clipRequest,
  decodedFrames,
  ffmpegChildren,
  frameTimesUs,
  openDescriptors,
  RecorderRig,
} from '../../support/recorder-rig.ts';

const PICTURES = cameraPictures(30);

const refuses = (rig: RecorderRig, request: ClipRequest, code: ErrorCode, words: RegExp): Promise<void> =>
  assert.rejects(rig.recorder.start(request), (thrown: unknown) => {
    assert.ok(thrown instanceof CamboxError);
    assert.equal(thrown.code, code);
    assert.match(thrown.message, words);
    return true;
  });

test('recorder leaves no zombie, no descriptor and no frame behind after 50 clips', async () => {
  await using rig = new RecorderRig(PICTURES.slice(0, 5), { preRollMs: 100 });
  let at = rig.clock.now();
  const clipOnce = async (id: string): Promise<void> => {
    const clip = await rig.recorder.start(clipRequest(id));
    // on a busy machine a cycle takes longer than its frames: older ones than the pre-roll would be none of the clip's
    at = (await rig.pushMany(monoUs(Math.max(at, rig.clock.now())), 3)).at(-1)!;
    clip.stop('stopped');
    const result = await clip.finished;
    assert.equal(result.state, 'ready', JSON.stringify(result));
  };
  await clipOnce('warm-up');
  const before = openDescriptors();
  for (let i = 0; i < 50; i++) await clipOnce(`cycle-${i}`);
  assert.equal(openDescriptors(), before);
  assert.deepEqual(ffmpegChildren(), []);
  assert.deepEqual(rig.recorder.clips(), []);
  assert.equal(readdirSync(rig.dir).length, 51);
  assert.equal((rig.recorder.report() as { finished: { ready: number } }).finished.ready, 51);
  await rig.recorder.close(1000);
  assert.equal(rig.arena.usedBytes, 0);
});

test('recorder serves overlapping clips from one ring, each with its own beginning and end', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, {}, clock);
  const history = Array.from({ length: 60 }, (_, i) => monoPlus(clock.now(), (i - 59) * 33_000));
  for (const time of history) rig.push(time);
  const long = await rig.recorder.start(clipRequest('long', { preMs: 1900, durationMs: 3000 }));
  await rig.pushMany(clock.now(), 30);
  await clock.advance(990);
  const short = await rig.recorder.start(clipRequest('short', { preMs: 1000, durationMs: 500 }));
  await rig.pushMany(clock.now(), 70);
  const [first, second] = await Promise.all([long.finished, short.finished]);

  assert.deepEqual([first.state, second.state], ['ready', 'ready']);
  assert.equal(first.pre_roll_got_ms, 1881);
  assert.equal(first.duration_ms, 1881 + 3003);
  assert.equal(second.pre_roll_got_ms, 990);
  assert.equal(second.duration_ms, 990 + 528);
  for (const result of [first, second]) {
    assert.equal(frameTimesUs(result.path!).length, result.frames);
    assert.equal(decodedFrames(result.path!), result.frames);
    assert.equal(statSync(result.path!).size, result.bytes);
  }
});

test('clip stores complete JPEGs when the camera leaves out the Huffman tables', async () => {
  await using rig = new RecorderRig(PICTURES.map(withoutDht));
  const clip = await rig.recorder.start(clipRequest('tables'));
  await rig.pushMany(rig.clock.now(), 30);
  clip.stop('stopped');
  const result = await clip.finished;
  assert.equal(result.state, 'ready', result.detail);
  const stored = storedPictures(result.path!);
  assert.equal(stored.length, 30);
  for (const [i, picture] of stored.entries()) {
    const layout = walkJpeg(picture);
    assert.ok(typeof layout !== 'string' && layout.huffman === 'standard');
    assert.ok(Buffer.compare(withoutDht(picture), withoutDht(PICTURES[(i + 1) % 30]!)) === 0);
  }
});

test('clip records a gap of the source when pictures are missing in its sequence', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, {}, clock);
  const clip = await rig.recorder.start(clipRequest('holes'));
  const times = await rig.pushMany(clock.now(), 10, 40);
  const later = monoPlus(times.at(-1)!, 4 * 40_000);
  rig.push(later, 3);
  await rig.pushMany(later, 5, 40);
  clip.stop('stopped');
  const result = await clip.finished;
  assert.equal(result.state, 'ready', result.detail);
  assert.deepEqual(result.gaps, [{ at_ms: 360, lost_ms: 120, frames: 3, where: 'source' }]);
});

test('clip runs through a short loss of the camera and ends as camera_lost after a long one', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, { lostAfterMs: 10_000, preRollMs: 0 }, clock);
  const clip = await rig.recorder.start(clipRequest('lost', { durationMs: 60_000 }));
  let at = (await rig.pushMany(clock.now(), 30)).at(-1)!;
  rig.recorder.sourceLost();
  await clock.advance(5000);
  at = (await rig.pushMany(monoPlus(at, 5_000_000), 30)).at(-1)!;
  rig.recorder.sourceLost();
  await clock.advance(9900);
  assert.deepEqual(rig.recorder.clips(), [clip]);
  await clock.advance(1100);
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end, result.frames], ['interrupted', 'camera_lost', 60]);
  assert.equal(result.gaps.length, 1);
  assert.deepEqual(result.gaps[0], { at_ms: 957, lost_ms: 5033, frames: 0, where: 'source' });
});

test('clip ends by the clock when no frame comes at its end', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, { preRollMs: 0 }, clock);
  const clip = await rig.recorder.start(clipRequest('backstop', { durationMs: 2000 }));
  await rig.pushMany(clock.now(), 50);
  await clock.advance(4000);
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end, result.frames], ['ready', 'duration', 50]);
});

test('clip fails as no_frames and leaves no file when the camera sends nothing', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, {}, clock);
  const clip = await rig.recorder.start(clipRequest('silent', { durationMs: 1000 }));
  await clock.advance(3000);
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end, result.path], ['failed', 'no_frames', null]);
  assert.deepEqual(readdirSync(rig.dir), []);
});

test('clip ends as interrupted when the picture size changes', async () => {
  await using rig = new RecorderRig([...PICTURES.slice(0, 20), ...cameraPictures(10, '160x120')]);
  const clip = await rig.recorder.start(clipRequest('resized'));
  await rig.pushMany(rig.clock.now(), 25);
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end, result.frames], ['interrupted', 'camera_lost', 19]);
  assert.match(result.detail!, /picture size changed to 160x120/);
  assert.equal(decodedFrames(result.path!), 19);
});

test('clip ends as max_length when it was to run until stopped', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, { maxClipMs: 1000 }, clock);
  const clip = await rig.recorder.start(clipRequest('longest'));
  await rig.pushMany(clock.now(), 40);
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end, result.duration_ms], ['ready', 'max_length', 990]);
});

test('recorder finishes every clip as shutdown when it is closed', async () => {
  await using rig = new RecorderRig(PICTURES);
  const clips = [];
  for (const id of ['one', 'two', 'three']) clips.push(await rig.recorder.start(clipRequest(id)));
  await rig.pushMany(rig.clock.now(), 30);
  await rig.recorder.close(8000);
  const results = await Promise.all(clips.map((clip) => clip.finished));
  for (const result of results) {
    assert.deepEqual([result.state, result.end, result.frames], ['interrupted', 'shutdown', 30]);
    assert.equal(decodedFrames(result.path!), 30);
  }
  assert.equal(rig.arena.usedBytes, 0);
  await refuses(rig, clipRequest('late'), 'interrupted', /shutting down/);
});

test('recorder keeps what plays when closed while an ffmpeg stands still, within the given time', async () => {
  await using rig = new RecorderRig(PICTURES);
  const clip = await rig.recorder.start(clipRequest('stuck'));
  await rig.pushMany(rig.clock.now(), 90);
  await rig.queueBelow(1);
  process.kill(ffmpegChildren()[0]!.pid, 'SIGSTOP');
  const begun = rig.clock.now();
  await rig.recorder.close(2500);
  assert.ok(rig.clock.now() - begun < 2_500_000);
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end], ['interrupted', 'shutdown']);
  assert.equal(decodedFrames(result.path!), result.frames);
  assert.equal(rig.arena.usedBytes, 0);
});

test('recorder finishes a clip with its pre-roll when it is closed while ffmpeg is being started', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, {}, clock);
  for (let i = 20; i > 0; i--) rig.push(monoPlus(clock.now(), -i * 33_000));
  const starting = rig.recorder.start(clipRequest('early'));
  await rig.recorder.close(8000);
  const result = await (await starting).finished;
  assert.deepEqual([result.state, result.end, result.frames], ['interrupted', 'shutdown', 20]);
  assert.equal(rig.arena.usedBytes, 0);
});

test('recorder refuses a clip as missing_program, with the remedy, until ffmpeg is installed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cambox-ffmpeg-'));
  const ffmpeg = join(folder, 'ffmpeg');
  await using rig = new RecorderRig(PICTURES, { ffmpeg });
  const problems = await rig.recorder.prepare();
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['missing_program'],
  );
  await refuses(rig, clipRequest('a'), 'missing_program', /not installed.*apt-get install ffmpeg/);
  assert.deepEqual(rig.recorder.clips(), []);

  symlinkSync(execFileSync('which', ['ffmpeg'], { encoding: 'utf8' }).trim(), ffmpeg);
  const clip = await rig.recorder.start(clipRequest('a'));
  await rig.pushMany(rig.clock.now(), 5);
  clip.stop('stopped');
  assert.equal((await clip.finished).state, 'ready');
  unlinkSync(ffmpeg);
  await refuses(rig, clipRequest('b'), 'missing_program', /not installed/);
  rmSync(folder, { recursive: true });
});

test('recorder refuses a clip as not_writable, naming the directory, when it cannot be made', async () => {
  await using rig = new RecorderRig(PICTURES, { dir: '/proc/cambox/clips' });
  await rig.pushMany(rig.clock.now(), 3);
  await refuses(rig, clipRequest('b'), 'not_writable', /\/proc\/cambox\/clips.*record\.dir/);
  await rig.recorder.close(100);
  assert.equal(rig.arena.usedBytes, 0);
});

test('recorder refuses a clip as conflict when its id runs or its file exists, as resource_limit when too many run', async () => {
  await using rig = new RecorderRig(PICTURES, { maxClips: 2 });
  writeFileSync(join(rig.dir, 'old.mp4'), '');
  await rig.recorder.start(clipRequest('one'));
  await refuses(rig, clipRequest('one'), 'conflict', /being recorded/);
  await refuses(rig, clipRequest('old'), 'conflict', /old\.mp4.*exists already/);
  await rig.recorder.start(clipRequest('two'));
  await refuses(rig, clipRequest('three'), 'resource_limit', /records 2 clips already.*record\.max_clips/);
  await refuses(rig, clipRequest('../three'), 'bad_argument', /a-z, 0-9 and -.*received "\.\.\/three"/);
});

/** The pictures of a clip that holds JPEGs, as they lie in the file. */
function storedPictures(path: string): Uint8Array[] {
  const stream = execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-c', 'copy', '-f', 'mjpeg', '-']);
  return splitJpegs(stream);
}
