import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribedRate } from '../../../src/stream/described-rate.ts';

function noted(...estimates: readonly (readonly [frames: number, fps: number | undefined])[]): DescribedRate {
  const rate = new DescribedRate();
  for (const [frames, fps] of estimates) for (let i = 0; i < frames; i++) rate.note(fps);
  return rate;
}

test('a frame rate is described when it has settled', () => {
  assert.equal(noted([10, undefined], [10, 25]).framesPerSecond, undefined);
  assert.equal(noted([10, undefined], [40, 25]).framesPerSecond, 25);
});

test('a described frame rate stays while the rate wavers or falls', () => {
  const rate = noted([100, 25]);
  for (let i = 0; i < 10_000; i++) rate.note(i % 2 === 0 ? 22 : 29);
  for (let i = 0; i < 1000; i++) rate.note(12.5);
  for (let i = 0; i < 10; i++) rate.note(1000);
  rate.note(25);
  assert.deepEqual([rate.framesPerSecond, rate.changes], [25, 1]);
});

test('a described frame rate follows a rate that is higher for good', () => {
  const rate = noted([100, 15], [100, 30]);
  assert.deepEqual([rate.framesPerSecond, rate.changes], [30, 2]);
});
