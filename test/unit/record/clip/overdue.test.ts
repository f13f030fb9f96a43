import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../../src/base/units.ts';
import { type ClipTimes, overdueEnd } from '../../../../src/record/clip/overdue.ts';

const seconds = (s: number) => monoUs(s * 1e6);

const RUNNING: ClipTimes = {
  now: seconds(100),
  arrivedAt: seconds(100),
  endsAt: seconds(110),
  endsAs: 'duration',
  sourceLost: false,
  fedAt: seconds(100),
  lostAfterMs: 10_000,
};

test('a clip is not overdue while frames come and its end is ahead', () => {
  assert.equal(overdueEnd(RUNNING), undefined);
  assert.equal(overdueEnd({ ...RUNNING, arrivedAt: seconds(90.1) }), undefined);
});

test('a clip is overdue as camera_lost when no frame came for as long as configured', () => {
  assert.equal(overdueEnd({ ...RUNNING, arrivedAt: seconds(90) }), 'camera_lost');
});

test('a clip is overdue as its own end when that passed a second ago', () => {
  assert.equal(overdueEnd({ ...RUNNING, endsAt: seconds(99.1) }), undefined);
  assert.equal(overdueEnd({ ...RUNNING, endsAt: seconds(99) }), 'duration');
  assert.equal(overdueEnd({ ...RUNNING, endsAt: seconds(99), endsAs: 'max_length' }), 'max_length');
});

test('a clip is overdue as camera_lost when its end passed while the camera was gone', () => {
  assert.equal(overdueEnd({ ...RUNNING, endsAt: seconds(99), sourceLost: true }), 'camera_lost');
});

test('a clip is overdue as ffmpeg_failed when ffmpeg took no waiting frame for 30 s', () => {
  assert.equal(overdueEnd({ ...RUNNING, fedAt: seconds(70.1) }), undefined);
  assert.equal(overdueEnd({ ...RUNNING, fedAt: seconds(70) }), 'ffmpeg_failed');
});
