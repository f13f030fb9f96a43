import assert from 'node:assert/strict';
import { test } from 'node:test';
import { supervise } from '../../../src/app/supervisor.ts';
import { Backoff } from '../../../src/base/backoff.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function setUp() {
  const clock = new FakeClock();
  const stop = new AbortController();
  const waits: number[] = [];
  const supervision = {
    thing: 'camera front',
    backoff: new Backoff({ firstMs: 100, maxMs: 400 }, () => 1),
    clock,
    signal: stop.signal,
    onFailure: (_: Error, waitMs: number) => void waits.push(waitMs),
  };
  return { clock, stop, waits, supervision };
}

test('what fails is run again after growing waits, up to the largest', async () => {
  const { clock, waits, stop, supervision } = setUp();
  let runs = 0;
  const done = supervise(async () => {
    runs += 1;
    throw new Error('no camera');
  }, supervision);
  await clock.advance(1500);
  stop.abort();
  await done;
  assert.deepEqual(waits.slice(0, 4), [100, 200, 400, 400]);
  assert.equal(runs, waits.length);
});

test('what ends by itself is not run again', async () => {
  const { supervision } = setUp();
  let runs = 0;
  await supervise(async () => void runs++, supervision);
  assert.equal(runs, 1);
});

test('a failure after the stop is no failure', async () => {
  const { stop, waits, supervision } = setUp();
  await supervise(async () => {
    stop.abort();
    throw new Error('closed under us');
  }, supervision);
  assert.deepEqual(waits, []);
});

test('after a reset the waits start small again', async () => {
  const { clock, stop, waits, supervision } = setUp();
  const done = supervise(async () => {
    if (waits.length === 3) supervision.backoff.reset();
    throw new Error('flaky');
  }, supervision);
  await clock.advance(900);
  stop.abort();
  await done;
  assert.deepEqual(waits.slice(0, 4), [100, 200, 400, 100]);
});
