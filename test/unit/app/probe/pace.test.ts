import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Distribution } from '../../../../src/app/probe/distribution.ts';
import { Pace } from '../../../../src/app/probe/pace.ts';
import { monoUs } from '../../../../src/base/units.ts';
import { Frame } from '../../../../src/frame/frame.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { walkJpeg } from '../../../../src/jpeg/walk.ts';
import { syntheticJpeg } from '../../../support/jpegs.ts';

const ARENA = new FrameArena(4_000_000);
const BYTES = syntheticJpeg();
const LAYOUT = walkJpeg(BYTES);
const WARM_UP = 5;

/** Feeds pictures that came at these times (ms), each with the next number but for those in `missing` before it. */
function pace(clock: 'capture' | 'arrival', timesMs: readonly number[], missingBefore: readonly number[] = []) {
  assert.ok(typeof LAYOUT === 'object');
  const measured = new Pace(clock);
  let sequence = 0;
  const warmUp = Array.from({ length: WARM_UP }, (_, i) => timesMs[0]! - 1000 * (WARM_UP - i));
  for (const [i, ms] of [...warmUp, ...timesMs].entries()) {
    sequence += missingBefore.includes(i - WARM_UP) ? 2 : 1;
    const slot = ARENA.take(BYTES.length)!;
    const capturedAt = monoUs(1e9 + ms * 1000);
    const arrivedAt = monoUs(1e9 + ms * 1000 + 2500);
    using frame = new Frame(slot, BYTES.length, { capturedAt, arrivedAt, sequence, jpeg: LAYOUT });
    measured.add(frame, monoUs(1e9 + ms * 1000 + 5000));
  }
  return measured.figures();
}

test('the pace of regular pictures is their rate, without the first ones', () => {
  const { rate, interval_ms, longest_wait_ms, delay_ms } = pace('capture', [0, 40, 80, 120, 160]);
  assert.equal(rate, 25);
  assert.deepEqual(interval_ms, { least: 40, p50: 40, p99: 40, most: 40 });
  assert.equal(longest_wait_ms, 40);
  assert.deepEqual(delay_ms, { least: 2.5, p50: 2.5, p99: 2.5, most: 2.5 });
});

test('a missing picture is no interval, but a wait, and counts for the rate', () => {
  const { rate, interval_ms, longest_wait_ms } = pace('capture', [0, 40, 120, 160], [2]);
  assert.equal(interval_ms?.most, 40);
  assert.equal(longest_wait_ms, 80);
  assert.equal(rate, 25);
});

test('by arrival there is no delay to tell', () => {
  const { rate, delay_ms } = pace('arrival', [0, 20, 40]);
  assert.deepEqual([rate, delay_ms], [50, undefined]);
});

test('one picture has no pace', () => {
  assert.deepEqual(pace('capture', [0]).rate, undefined);
});

test('a distribution tells least, median, 99th of a hundred and most, by the nearest rank', () => {
  const values = new Distribution();
  assert.equal(values.spread(), undefined);
  for (let i = 200; i >= 1; i--) values.add(i);
  assert.deepEqual(values.spread(), { least: 1, p50: 100, p99: 198, most: 200 });
  assert.deepEqual([values.count, values.sum], [200, 20100]);
});

test('a distribution keeps least and most of more values than it has room for', () => {
  const values = new Distribution();
  for (let i = 0; i < (1 << 17) + 10; i++) values.add(i);
  assert.deepEqual([values.spread()?.most, values.count], [(1 << 17) + 9, (1 << 17) + 10]);
});
