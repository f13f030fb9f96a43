import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../../../src/base/clock.ts';
import { wallMs } from '../../../../src/base/units.ts';
import { ClipSync } from '../../../../src/record/clip/clip-sync.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const NOW = wallMs(1_000_000);

/** A sync whose file was written so long ago; what it waits for and does is in `steps`. */
function setUp(agoMs: number | undefined) {
  const steps: (string | number)[] = [];
  const clock: Clock = Object.assign(new FakeClock(), {
    wall: () => NOW,
    sleep: (ms: number) => Promise.resolve(void (ms > 0 && steps.push(ms))),
  });
  const file = {
    writtenAt: () => Promise.resolve(agoMs === undefined ? undefined : NOW - agoMs),
    sync: () => Promise.resolve(void steps.push('sync')),
  };
  return { steps, file, sync: new ClipSync(file, clock, (message) => steps.push(message)) };
}

for (const [agoMs, waitsMs, when] of [
  [30, 70, 'later, when the fragment that began is there'],
  [100, 0, 'at once, as the fragment is there'],
  [101, 499, 'with the next fragment'],
  [480, 120, 'with the next fragment, which is due'],
  [500, 0, 'at once, as none comes soon'],
  [-5000, 0, 'at once, as the clock was set back'],
] as const) {
  test(`a clip that was written ${agoMs} ms ago goes to the disk ${when}`, async () => {
    const { steps, sync } = setUp(agoMs);
    sync.begin();
    sync.begin();
    await sync.done();
    assert.deepEqual(steps, waitsMs === 0 ? ['sync'] : [waitsMs, 'sync']);
  });
}

test('a clip whose file is not there yet has nothing to bring to the disk', async () => {
  const { steps, sync } = setUp(undefined);
  sync.begin();
  await sync.done();
  assert.deepEqual(steps, []);
});

test('a clip that is over does not wait for a fragment any more, and a disk that fails is told once', async () => {
  const { file, steps } = setUp(200);
  const clock = new FakeClock(); // time stands still
  clock.wall = () => NOW;
  const failing = { ...file, sync: () => Promise.reject(new Error('EIO')) };
  const sync = new ClipSync(failing, clock, (message) => steps.push(message));
  sync.begin();
  await sync.done();
  assert.deepEqual(steps, ['EIO']);
});
