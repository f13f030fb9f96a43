import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MonoUs } from '../../src/base/units.ts';
import type { RecordingClip } from '../../src/record/clip.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { cameraPictures } from '../support/mjpeg-pictures.ts';
import { clipRequest, decodedFrames, ffmpegChildren, frameTimesUs, RecorderRig } from '../support/recorder-rig.ts';
import { until } from '../support/until.ts';

const PICTURES = cameraPictures(30);

/** The clip that goes on from a clip that broke off, once its ffmpeg runs. */
async function continuation(rig: RecorderRig, broken: RecordingClip): Promise<RecordingClip> {
  const { continued_by } = await broken.finished;
  const next = rig.recorder.clips().find(({ id }) => id === continued_by);
  assert.ok(next, `no clip ${continued_by} goes on`);
  return next;
}

function killFfmpeg(): void {
  const [child, ...others] = ffmpegChildren();
  assert.ok(child !== undefined && others.length === 0);
  process.kill(child.pid, 'SIGKILL');
}

const TICK_US = 10;

/** The times of the frames in a file, on the clock of the camera. */
const capturedTimes = (path: string, firstAt: MonoUs): number[] => frameTimesUs(path).map((time) => firstAt + time);

test('clip goes on as a copy, without losing or repeating a frame, when its encoder dies', async () => {
  await using rig = new RecorderRig(PICTURES, {}, new FakeClock());
  const trigger = rig.clock.now();
  const clip = await rig.recorder.start(clipRequest('door', { encoder: 'libx264', durationMs: 12_000, label: 'door' }));
  const first = await rig.pushMany(trigger, 150);
  await rig.queueBelow(1);
  killFfmpeg();
  const next = await continuation(rig, clip);
  const second = await rig.pushMany(first.at(-1)!, 250);
  const [broken, rest] = [await clip.finished, await next.finished];

  assert.deepEqual([broken.state, broken.end, broken.encoder], ['interrupted', 'ffmpeg_failed', 'libx264']);
  assert.equal(broken.continued_by, 'door-2');
  assert.deepEqual([rest.clip, rest.continues, rest.label], ['door-2', 'door', 'door']);
  assert.deepEqual([rest.state, rest.end, rest.encoder], ['ready', 'duration', 'copy']);
  assert.match(rest.encoder_reason ?? '', /libx264: it failed in this clip/);
  assert.deepEqual(readdirSync(rig.dir).sort(), ['door-2.mp4', 'door.mp4']);

  const wanted = [...first, ...second].filter((_, i, all) => i === 0 || all[i - 1]! < trigger + 12_000_000);
  const stored = [...capturedTimes(broken.path!, first[0]!), ...capturedTimes(rest.path!, wanted[broken.frames]!)];
  assert.equal(stored.length, wanted.length);
  assert.ok(wanted.every((time, i) => Math.abs(time - stored[i]!) <= TICK_US));
  assert.equal(decodedFrames(broken.path!) + decodedFrames(rest.path!), wanted.length);
  assert.deepEqual(
    rig.results.map(({ clip: id }) => id),
    ['door', 'door-2'],
  );
  await rig.recorder.close(1000);
  assert.equal(rig.arena.usedBytes, 0);
});

test('clip goes on with what the ring still holds when that is less than its encoder had not stored', async () => {
  await using rig = new RecorderRig(PICTURES, { preRollMs: 100 }, new FakeClock());
  const clip = await rig.recorder.start(clipRequest('late', { encoder: 'libx264' }));
  const first = await rig.pushMany(rig.clock.now(), 110);
  await rig.queueBelow(1);
  killFfmpeg();
  const next = await continuation(rig, clip);
  await rig.pushMany(first.at(-1)!, 10);
  next.stop('stopped');
  const [broken, rest] = [await clip.finished, await next.finished];
  // 100 ms are three intervals of 33 ms: four frames of the past, and the ten that followed
  assert.equal(rest.frames, 14);
  assert.ok(broken.frames <= 100, `${broken.frames} frames`);
});

test('clip that goes on names the clips before it', async () => {
  await using rig = new RecorderRig(PICTURES, {}, new FakeClock());
  const clip = await rig.recorder.start(clipRequest('chain', { encoder: 'libx264' }));
  await rig.pushMany(rig.clock.now(), 60);
  await rig.queueBelow(1);
  killFfmpeg();
  const next = await continuation(rig, clip);
  assert.deepEqual(next.continues, ['chain']);
});

test('clip tries one encoder after the other, each once, and ends as a copy', async () => {
  await using rig = new RecorderRig(PICTURES, {}, new FakeClock());
  const choose = (asked: 'libx264') => clipRequest('chain', { encoder: asked });
  const clip = await rig.recorder.start(choose('libx264'));
  await rig.pushMany(rig.clock.now(), 60);
  await rig.queueBelow(1);
  killFfmpeg();
  const second = await continuation(rig, clip);
  await until('the copy runs', () => ffmpegChildren().length === 1);
  killFfmpeg();
  const last = await second.finished;
  assert.deepEqual([last.encoder, last.end, last.continued_by], ['copy', 'ffmpeg_failed', undefined]);
  assert.deepEqual(rig.recorder.clips(), []);
});

test('clip that is told to end does not go on when its encoder dies meanwhile', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, {}, clock);
  const clip = await rig.recorder.start(clipRequest('ended', { encoder: 'libx264' }));
  await rig.pushMany(clock.now(), 60);
  await rig.queueBelow(1);
  process.kill(ffmpegChildren()[0]!.pid, 'SIGSTOP');
  clip.stop('stopped');
  killFfmpeg();
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end, result.continued_by], ['interrupted', 'ffmpeg_failed', undefined]);
  assert.ok(!existsSync(join(rig.dir, 'ended-2.mp4.partial')));
});
