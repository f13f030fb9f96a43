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

test('watchdog is not fed when a streaming camera has stood still for more than three seconds', () => {
  assert.deepEqual(
    watch([
      [0, [camera()]],
      [3, [camera()]],
    ]),
    { feed: true },
  );
  assert.deepEqual(
    watch([
      [0, [camera()]],
      [3.1, [camera()]],
    ]),
    {
      feed: false,
      reason: 'camera front is streaming without a new frame for more than 3000 ms',
    },
  );
});

test('watchdog gives a slow camera five of its periods', () => {
  const slow = camera({ fps: 0.5 });
  assert.equal(
    watch([
      [0, [slow]],
      [10, [slow]],
    ]).feed,
    true,
  );
  assert.equal(
    watch([
      [0, [slow]],
      [10.1, [slow]],
    ]).feed,
    false,
  );
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

for (const state of ['lost', 'failed', 'stopped'] as const) {
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

test('watchdog gives a starting camera half a minute', () => {
  const starting = camera({ state: 'starting', frames: 0 });
  assert.equal(
    watch([
      [0, [starting]],
      [30, [starting]],
    ]).feed,
    true,
  );
  assert.equal(
    watch([
      [0, [starting]],
      [30.1, [starting]],
    ]).feed,
    false,
  );
});

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
