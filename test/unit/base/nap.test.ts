import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Nap } from '../../../src/base/nap.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('a nap ends when its time is over, again and again', async () => {
  const clock = new FakeClock();
  using nap = new Nap(clock, new AbortController().signal);
  for (const ms of [10, 20]) {
    const slept = nap.take(ms);
    await clock.advance(ms);
    await slept;
  }
  assert.equal(nap.isOver, false);
});

test('a nap ends at once when the signal is aborted during it, and so do all after that', async () => {
  const controller = new AbortController();
  using nap = new Nap(new FakeClock(), controller.signal);
  const slept = nap.take(1e9);
  controller.abort();
  await slept;
  await nap.take(1e9);
  assert.equal(nap.isOver, true);
});

test('a nap listens once however often it is taken, and no more when it is disposed', async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  {
    using nap = new Nap(clock, signal);
    for (let i = 0; i < 5; i++) {
      const slept = nap.take(1);
      await clock.advance(1);
      await slept;
    }
    assert.equal(getEventListeners(signal, 'abort').length, 1);
  }
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
