import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../src/base/units.ts';
import { RetryAfter } from '../../../src/jobs/retry-after.ts';

const NOW = monoUs(1_000_000_000);

test('each who is refused gets the next place that will be free', () => {
  const retry = new RetryAfter();
  retry.note(4000);
  assert.deepEqual(
    Array.from({ length: 3 }, () => retry.nextMs(NOW, 2)),
    [2000, 4000, 6000],
  );
});

test('places follow each other as fast as jobs lately ended', () => {
  const retry = new RetryAfter();
  retry.note(1000);
  for (let i = 0; i < 50; i++) retry.note(3000);
  assert.equal(retry.nextMs(NOW, 1), 3000);
});

test('promises lapse with the time', () => {
  const retry = new RetryAfter();
  retry.note(1000);
  for (let i = 0; i < 10; i++) retry.nextMs(NOW, 1);
  assert.equal(retry.nextMs(monoUs(NOW + 60_000_000), 1), 1000);
});

test('nobody is told to come back at once, nor after more than ten minutes', () => {
  const retry = new RetryAfter();
  retry.note(1);
  assert.equal(retry.nextMs(NOW, 8), 500);
  const slow = new RetryAfter();
  slow.note(200_000);
  const times = Array.from({ length: 10 }, () => slow.nextMs(NOW, 1));
  assert.ok(
    times.every((ms) => ms <= 600_000),
    String(times),
  );
});
