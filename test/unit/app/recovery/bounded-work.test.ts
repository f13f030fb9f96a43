import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedWork } from '../../../../src/app/recovery/bounded-work.ts';
import type { Clock } from '../../../../src/base/clock.ts';
import { monoPlus } from '../../../../src/base/units.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const forever = (): AbortSignal => new AbortController().signal;

/** Work that ends when it is told to by the test. */
function work() {
  const { promise, resolve } = Promise.withResolvers<'done'>();
  const seen = { aborted: false };
  const run = (signal: AbortSignal): Promise<'done'> => {
    signal.addEventListener('abort', () => {
      seen.aborted = true;
    });
    return promise;
  };
  return { run, seen, end: () => resolve('done') };
}

/** What became of it, so far. */
function follow<T>(promise: Promise<T>): { outcome: T | undefined } {
  const followed: { outcome: T | undefined } = { outcome: undefined };
  void promise.then((outcome) => {
    followed.outcome = outcome;
  });
  return followed;
}

test('work that ends within its budget gives its outcome, and leaves no timer', async () => {
  const clock = new FakeClock();
  const bounded = new BoundedWork(clock);
  const { run, end } = work();
  const followed = follow(bounded.do(5000, run, forever()));
  await clock.advance(4900);
  assert.equal(bounded.deadline, monoPlus(clock.now(), 100_000));
  end();
  await clock.advance(0);
  assert.deepEqual([followed.outcome, clock.pendingTimers, bounded.deadline], ['done', 0, undefined]);
});

test('work that takes longer is late, is told to stop, and hangs until it has', async () => {
  const clock = new FakeClock();
  const bounded = new BoundedWork(clock);
  const { run, seen, end } = work();
  const followed = follow(bounded.do(5000, run, forever()));
  await clock.advance(4999);
  assert.deepEqual([followed.outcome, seen.aborted], [undefined, false]);
  await clock.advance(1);
  assert.deepEqual([followed.outcome, seen.aborted, bounded.hangs], ['late', true, true]);
  const free = follow(bounded.untilFree().then(() => 'free'));
  end();
  await clock.advance(0);
  assert.deepEqual([free.outcome, bounded.hangs, clock.pendingTimers], ['free', false, 0]);
});

test('work may take as long as it likes once it has met its budget', async () => {
  const clock = new FakeClock();
  const bounded = new BoundedWork(clock);
  const { run, end } = work();
  const followed = follow(bounded.do(5000, run, forever()));
  await clock.advance(4000);
  bounded.met();
  assert.equal(bounded.deadline, undefined);
  await clock.advance(1_000_000);
  assert.equal(followed.outcome, undefined);
  end();
  await clock.advance(0);
  assert.equal(followed.outcome, 'done');
});

test('work gets a second to end when it is no longer wanted', async () => {
  const clock = new FakeClock();
  const bounded = new BoundedWork(clock);
  const stop = new AbortController();
  const followed = follow(bounded.do(60_000, work().run, stop.signal));
  await clock.advance(1000);
  stop.abort();
  await clock.advance(999);
  assert.equal(followed.outcome, undefined);
  await clock.advance(1);
  assert.equal(followed.outcome, 'late');
});

test('two pieces of work that were left behind must both be over', async () => {
  const clock = new FakeClock();
  const bounded = new BoundedWork(clock);
  const [first, second] = [work(), work()];
  for (const { run } of [first, second]) {
    void bounded.do(100, run, forever());
    await clock.advance(100);
  }
  const free = follow(bounded.untilFree().then(() => 'free'));
  second.end();
  await clock.advance(0);
  assert.deepEqual([free.outcome, bounded.hangs], [undefined, true]);
  first.end();
  await clock.advance(0);
  assert.deepEqual([free.outcome, bounded.hangs], ['free', false]);
});

test('time in which the event loop stands still does not count', async () => {
  const clock = new FakeClock();
  let stoodStillUs = 0;
  const standing: Clock = {
    now: () => monoPlus(clock.now(), stoodStillUs),
    wall: () => clock.wall(),
    after: (ms, task) => clock.after(ms, task),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
  const followed = follow(new BoundedWork(standing).do(5000, work().run, forever()));
  await clock.advance(1500);
  stoodStillUs = 30e6; // every timer is half a minute late
  await clock.advance(2900);
  assert.equal(followed.outcome, undefined);
  await clock.advance(600);
  assert.equal(followed.outcome, 'late');
});
