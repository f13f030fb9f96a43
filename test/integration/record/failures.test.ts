import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { monoPlus } from '../../../src/base/units.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { cameraPictures } from '../../support/mjpeg-pictures.ts';
import { clipRequest, decodedFrames, ffmpegChildren, frameTimesUs, RecorderRig } from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

const PICTURES = cameraPictures(30);

function onlyChild(): number {
  const children = ffmpegChildren();
  assert.equal(children.length, 1);
  return children[0]!.pid;
}

test('clip keeps what plays and is interrupted when its ffmpeg is killed', async () => {
  await using rig = new RecorderRig(PICTURES, {}, new FakeClock());
  const clip = await rig.recorder.start(clipRequest('killed'));
  await rig.pushMany(rig.clock.now(), 200);
  await rig.queueBelow(1);
  process.kill(onlyChild(), 'SIGKILL');
  const result = await clip.finished;

  assert.equal(result.state, 'interrupted');
  assert.equal(result.end, 'ffmpeg_failed');
  assert.match(result.detail!, /killed by SIGKILL; \d+ of 200 frames are in the file/);
  assert.equal(result.path, join(rig.dir, 'killed.mp4'));
  assert.ok(result.frames >= 100 && result.frames < 200, `${result.frames} frames`);
  assert.equal(decodedFrames(result.path), result.frames);
  assert.equal(frameTimesUs(result.path).at(-1), Math.round(result.duration_ms * 1000));
  assert.deepEqual(readdirSync(rig.dir), ['killed.mp4']);
  assert.deepEqual(ffmpegChildren(), []);
  await rig.recorder.close(1000);
  assert.equal(rig.arena.usedBytes, 0);
});

test('clip keeps what plays and ends as disk_failed when the disk is full', async () => {
  const mount = mkdtempSync(join(tmpdir(), 'cambox-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount]);
  try {
    await using rig = new RecorderRig(PICTURES, { dir: mount }, new FakeClock());
    const clip = await rig.recorder.start(clipRequest('full'));
    let at = rig.clock.now();
    while (ffmpegChildren().some(({ state }) => state !== 'Z')) at = (await rig.pushMany(at, 10)).at(-1)!;
    const result = await clip.finished;

    assert.equal(result.state, 'interrupted');
    assert.equal(result.end, 'disk_failed');
    assert.match(result.detail!, /No space left on device/);
    assert.ok(result.frames > 50, `${result.frames} frames`);
    assert.equal(decodedFrames(result.path!), result.frames);
    assert.deepEqual(readdirSync(mount), ['full.mp4']);
    await rig.recorder.close(1000);
    assert.equal(rig.arena.usedBytes, 0);
  } finally {
    execFileSync('umount', [mount]);
    rmSync(mount, { recursive: true });
  }
});

test('clip fails as disk_failed and leaves no file when the disk is full from the start', async () => {
  const mount = mkdtempSync(join(tmpdir(), 'cambox-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount]);
  try {
    execFileSync('sh', ['-c', `head -c 64k /dev/zero > ${mount}/ballast`]);
    await using rig = new RecorderRig(PICTURES, { dir: mount }, new FakeClock());
    const clip = await rig.recorder.start(clipRequest('none'));
    let at = rig.clock.now();
    while (ffmpegChildren().some(({ state }) => state !== 'Z')) at = (await rig.pushMany(at, 10)).at(-1)!;
    const result = await clip.finished;
    assert.deepEqual([result.state, result.end, result.path, result.frames], ['failed', 'disk_failed', null, 0]);
    assert.deepEqual(readdirSync(mount), ['ballast']);
  } finally {
    execFileSync('umount', [mount]);
    rmSync(mount, { recursive: true });
  }
});

test('clip drops whole frames, records the gap and goes on when its ffmpeg stands still for a while', async () => {
  const queueBytes = 300_000;
  await using rig = new RecorderRig(PICTURES, { queueBytes, preRollMs: 0 }, new FakeClock());
  const clip = await rig.recorder.start(clipRequest('slow'));
  const before = await rig.pushMany(rig.clock.now(), 60);
  await rig.queueBelow(1);
  const child = onlyChild();
  process.kill(child, 'SIGSTOP');
  let at = before.at(-1)!;
  for (let i = 0; i < 500; i++) {
    at = (at + 33_000) as typeof at;
    rig.push(at);
    assert.ok(rig.arena.usedBytes <= queueBytes + 64 * 32, `${rig.arena.usedBytes} bytes held`);
  }
  assert.ok(rig.queuedFrames > 0);
  process.kill(child, 'SIGCONT');
  await rig.queueBelow(1);
  await rig.pushMany(at, 30);
  clip.stop('stopped');
  const result = await clip.finished;

  assert.equal(result.state, 'ready', result.detail);
  assert.equal(result.gaps.length, 1);
  const gap = result.gaps[0]!;
  assert.equal(gap.where, 'queue');
  assert.equal(result.frames + gap.frames, 590);
  const times = frameTimesUs(result.path!);
  assert.equal(times.length, result.frames);
  const hole = times.findIndex((time, i) => i > 0 && time - times[i - 1]! > 40_000);
  assert.ok(Math.abs(times[hole - 1]! / 1000 - gap.at_ms) < 0.01);
  assert.ok(Math.abs((times[hole]! - times[hole - 1]!) / 1000 - gap.lost_ms - 33) < 0.02);
  assert.equal(rig.logs.of('clip_queue_full').length, 1);
  await rig.recorder.close(1000);
  assert.equal(rig.arena.usedBytes, 0);
});

test('clip is ended by force, interrupted and playable when its ffmpeg stands still for good', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, { preRollMs: 0 }, clock);
  const clip = await rig.recorder.start(clipRequest('stuck'));
  await rig.pushMany(clock.now(), 90);
  await rig.queueBelow(1);
  const child = onlyChild();
  process.kill(child, 'SIGSTOP');
  clip.stop('stopped');
  let result: Awaited<typeof clip.finished> | undefined;
  void clip.finished.then((value) => {
    result = value;
  });
  await clock.advance(4900);
  assert.equal(ffmpegChildren()[0]?.pid, child, 'the first rung lasts 5 s');
  await clock.advance(1200);
  await until('the clip is settled', () => result !== undefined);

  assert.equal(result?.state, 'interrupted');
  assert.equal(result?.end, 'ffmpeg_failed');
  assert.match(result?.detail ?? '', /did not stop and was ended by a signal/);
  assert.equal(decodedFrames(result!.path!), result!.frames);
  assert.deepEqual(ffmpegChildren(), []);
  await rig.recorder.close(1000);
  assert.equal(rig.arena.usedBytes, 0);
});

test('clip fails with the words of ffmpeg and leaves no file when ffmpeg refuses to work', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cambox-ffmpeg-'));
  const program = join(folder, 'ffmpeg');
  // The real ffmpeg, asked for an encoder that it does not have.
  writeFileSync(program, '#!/bin/sh\nexec ffmpeg $(echo "$@" | sed s/libx264/libx999/)\n', { mode: 0o755 });
  await using rig = new RecorderRig(PICTURES, { ffmpeg: program });
  const clip = await rig.recorder.start(clipRequest('refused', { encoder: 'libx264' }));
  await rig.pushMany(rig.clock.now(), 5);
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end, result.path], ['failed', 'ffmpeg_failed', null]);
  assert.match(result.detail!, /libx999/);
  assert.deepEqual(readdirSync(rig.dir), []);
  rmSync(folder, { recursive: true });
});

test('clip is ended when its ffmpeg takes no frame for half a minute, so that it does not pin memory', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, { preRollMs: 0, queueBytes: 300_000 }, clock);
  const clip = await rig.recorder.start(clipRequest('stalled'));
  await rig.pushMany(clock.now(), 90);
  await rig.queueBelow(1);
  process.kill(onlyChild(), 'SIGSTOP');
  await clock.advance(3000);
  for (let i = 0; i < 1500; i++) {
    rig.push(monoPlus(clock.now(), i * 1000));
    if (i % 25 === 0) await clock.advance(1000);
  }
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end], ['interrupted', 'ffmpeg_failed']);
  assert.match(result.detail!, /took no frame for 30 s/);
  assert.equal(decodedFrames(result.path!), result.frames);
  await rig.recorder.close(1000);
  assert.equal(rig.arena.usedBytes, 0);
});

test('clip fails as disk_failed when its directory is taken away', async () => {
  await using rig = new RecorderRig(PICTURES);
  const clip = await rig.recorder.start(clipRequest('gone'));
  await rig.pushMany(rig.clock.now(), 30);
  await rig.queueBelow(1);
  rmSync(join(rig.dir, 'gone.mp4.partial'));
  clip.stop('stopped');
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end, result.path], ['failed', 'disk_failed', null]);
  assert.match(result.detail!, /gone\.mp4\.partial is gone/);
});

test('clip that was interrupted is kept, and says that it was not checked, when ffprobe is missing', async () => {
  await using rig = new RecorderRig(PICTURES, { ffprobe: '/nonexistent/ffprobe' });
  assert.deepEqual(
    (await rig.recorder.prepare()).map(({ code }) => code),
    ['missing_program'],
  );
  const clip = await rig.recorder.start(clipRequest('unchecked'));
  await rig.pushMany(rig.clock.now(), 90);
  await rig.queueBelow(1);
  process.kill(onlyChild(), 'SIGKILL');
  const result = await clip.finished;
  assert.equal(result.state, 'interrupted');
  assert.match(result.detail!, /not checked: .*nonexistent\/ffprobe/);
  assert.equal(decodedFrames(result.path!), result.frames);
});
