import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../src/base/units.ts';
import { FrameWatchdog, type WatchedCamera } from '../../../src/health/watchdog.ts';

const at = (seconds: number) => monoUs(seconds * 1e6);
const camera = (parts: Partial<WatchedCamera> = {}): WatchedCamera => ({
  id: 'front',
  state: 'streaming',
  frames: 100,
  fps: 30,
  deadline: undefined,
  ...parts,
});

/** Decide for a series of [second, cameras]; the last decision. */
function watch(series: readonly (readonly [number, readonly WatchedCamera[], number?])[]) {
  const watchdog = new FrameWatchdog();
  return series
    .map(([second, cameras, loopLagMs = 0]) => watchdog.decide({ now: at(second), cameras, loopLagMs }))
    .at(-1)!;
}

test('watchdog is fed while frames flow', () => {
  assert.deepEqual(
    watch([
      [0, [camera()]],
      [10, [camera({ frames: 400 })]],
      [20, [camera({ frames: 700 })]],
    ]),
    { feed: true },
  );
});

/** Whether it is fed after a camera has been like that for so long. */
const isFedAfter = (seconds: number, parts: Partial<WatchedCamera>): boolean =>
  watch([
    [0, [camera(parts)]],
    [seconds, [camera(parts)]],
  ]).feed;

test('watchdog is not fed when a streaming camera stands still and is not recovered five seconds later', () => {
  assert.equal(isFedAfter(8, {}), true);
  assert.deepEqual(
    watch([
      [0, [camera()]],
      [8.1, [camera()]],
    ]),
    { feed: false, reason: 'camera front is streaming without a new frame for more than 8000 ms' },
  );
});

test('watchdog gives a slow camera five of its periods', () => {
  assert.equal(isFedAfter(15, { fps: 0.5 }), true);
  assert.equal(isFedAfter(15.1, { fps: 0.5 }), false);
});

test('watchdog is not fed when one of several cameras stands still', () => {
  const rear = (frames: number) => camera({ id: 'rear', frames });
  assert.match(
    (
      watch([
        [0, [camera(), rear(1)]],
        [10, [camera(), rear(2)]],
      ]) as { reason: string }
    ).reason,
    /camera front/,
  );
});

for (const state of ['starting', 'recovering', 'lost', 'failed', 'stopped'] as const) {
  test(`watchdog is fed when a camera is ${state}, however long`, () => {
    assert.equal(
      watch([
        [0, [camera({ state })]],
        [100_000, [camera({ state })]],
      ]).feed,
      true,
    );
  });
}

for (const state of ['starting', 'recovering', 'failed'] as const) {
  test(`watchdog is not fed when what is done about a ${state} camera does not end in time`, () => {
    assert.equal(isFedAfter(25, { state, deadline: at(20) }), true);
    assert.equal(isFedAfter(25.1, { state, deadline: at(20) }), false);
  });
}

test('watchdog counts anew when a camera comes back', () => {
  assert.equal(
    watch([
      [0, [camera({ state: 'lost' })]],
      [50, [camera()]],
      [52, [camera()]],
    ]).feed,
    true,
  );
});

test('watchdog is not fed when the event loop hangs', () => {
  assert.match((watch([[0, [], 2001]]) as { reason: string }).reason, /event loop/);
  assert.equal(watch([[0, [], 2000]]).feed, true);
});

test('watchdog forgets a camera that has been taken out of the config', () => {
  assert.equal(
    watch([
      [0, [camera()]],
      [10, []],
      [20, [camera()]],
    ]).feed,
    true,
  );
});
