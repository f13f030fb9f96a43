import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../src/base/units.ts';
import type { Frame } from '../../../src/frame/frame.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { type PreRollLimits, PreRollRing } from '../../../src/frame/pre-roll.ts';
import { frameOf, syntheticJpeg } from '../../support/jpegs.ts';

const JPEG = syntheticJpeg();
const ROOMY: PreRollLimits = { maxMs: 1000, maxBytes: 1_000_000, maxFrames: 100 };

/** A ring, and frames pushed into it at these milliseconds. */
function ringWith(limits: PreRollLimits, timesMs: readonly number[]) {
  const arena = new FrameArena(4_000_000);
  const ring = new PreRollRing(limits);
  for (const [i, time] of timesMs.entries()) {
    using frame = frameOf(arena, JPEG, i, monoUs(time * 1000));
    ring.push(frame);
  }
  return { arena, ring };
}

/** The capture times held, in milliseconds. Releases what `since` retained. */
function timesSince(ring: PreRollRing, timeMs: number): number[] {
  const frames: Frame[] = ring.since(monoUs(timeMs * 1000));
  for (const frame of frames) frame.release();
  return frames.map((frame) => frame.capturedAt / 1000);
}

test('pre-roll ring keeps the frames of its milliseconds, both ends included', () => {
  const { ring } = ringWith(ROOMY, [0, 500, 1000, 1001, 1500]);
  assert.deepEqual(timesSince(ring, 0), [500, 1000, 1001, 1500]);
  assert.equal(ring.spanMs, 1000);
  assert.deepEqual(ring.evicted.toJSON(), { age: 1 });
});

test('pre-roll ring lets the oldest go when its bytes are used up', () => {
  const { ring } = ringWith({ ...ROOMY, maxBytes: 3 * JPEG.length }, [1, 2, 3, 4, 5]);
  assert.deepEqual(timesSince(ring, 0), [3, 4, 5]);
  assert.equal(ring.bytes, 3 * JPEG.length);
  assert.deepEqual(ring.evicted.toJSON(), { bytes: 2 });
});

test('pre-roll ring lets the oldest go when its frame count is reached', () => {
  const { ring } = ringWith({ ...ROOMY, maxFrames: 2 }, [1, 2, 3]);
  assert.deepEqual(timesSince(ring, 0), [2, 3]);
  assert.deepEqual(ring.evicted.toJSON(), { frames: 1 });
});

test('pre-roll ring holds nothing when one frame is larger than its bytes', () => {
  const { arena, ring } = ringWith({ ...ROOMY, maxBytes: JPEG.length - 1 }, [1, 2]);
  assert.equal(ring.frames, 0);
  assert.equal(arena.usedBytes, 0);
  assert.deepEqual(ring.evicted.toJSON(), { bytes: 2 });
});

test('pre-roll ring keeps nothing when it is 0 ms long', () => {
  const { arena, ring } = ringWith({ ...ROOMY, maxMs: 0 }, [1, 2]);
  assert.equal(ring.frames, 0);
  assert.equal(arena.usedBytes, 0);
});

test('pre-roll ring begins anew when capture times step back', () => {
  const { ring } = ringWith(ROOMY, [100, 200, 50, 60]);
  assert.deepEqual(timesSince(ring, 0), [50, 60]);
  assert.deepEqual(ring.evicted.toJSON(), { clock_back: 2 });
});

test('pre-roll ring gives the frames since a time, oldest first, when asked for a part', () => {
  const { ring } = ringWith(ROOMY, [100, 200, 300, 400]);
  assert.deepEqual(timesSince(ring, 250), [300, 400]);
  assert.deepEqual(timesSince(ring, 300), [300, 400]);
  assert.deepEqual(timesSince(ring, 401), []);
});

test('frames given by the pre-roll ring outlive it', () => {
  const { arena, ring } = ringWith(ROOMY, [100, 200]);
  const [first, second] = ring.since(monoUs(0));
  ring[Symbol.dispose]();
  assert.equal(ring.frames, 0);
  assert.deepEqual(first!.bytes, second!.bytes);
  assert.ok(arena.usedBytes > 0);
  first!.release();
  second!.release();
  assert.equal(arena.usedBytes, 0);
});
