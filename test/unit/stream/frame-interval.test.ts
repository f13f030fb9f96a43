import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../src/base/units.ts';
import { FrameInterval } from '../../../src/stream/frame-interval.ts';

/** Frames at these times, numbered from 0 unless said otherwise. */
function learned(...frames: (number | [atUs: number, sequence: number])[]): FrameInterval {
  const interval = new FrameInterval();
  for (const [i, frame] of frames.entries()) {
    const [at, sequence] = typeof frame === 'number' ? [frame, i] : frame;
    interval.note(monoUs(at), sequence);
  }
  return interval;
}

test('a frame interval is guessed as 30 a second, and the rate unknown, until two frames have come', () => {
  assert.equal(Math.round(learned(5).us), 33_333);
  assert.equal(learned(5).framesPerSecond, undefined);
});

test('a frame interval is the time between the first two frames', () => {
  assert.equal(learned(1000, 41_000).us, 40_000);
  assert.equal(learned(1000, 41_000).framesPerSecond, 25);
});

test('a frame interval follows a new rate smoothly', () => {
  const times = Array.from({ length: 60 }, (_, i) => (i < 10 ? i * 40_000 : 400_000 + (i - 10) * 20_000));
  assert.equal(Math.round(learned(...times).us / 100), 200);
  assert.equal(learned(0, 40_000, 120_000).us, 45_000);
});

test('a frame interval is not lengthened by frames that are missing', () => {
  assert.equal(learned([0, 7], [120_000, 10]).us, 40_000);
});

test('a frame interval ignores time that stands still, runs back, or was a long outage', () => {
  assert.equal(learned(0, 40_000, 40_000, 30_000, 70_000, 60_000_000).us, 40_000);
});
