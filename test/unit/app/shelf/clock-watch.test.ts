import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockWatch } from '../../../../src/app/shelf/clock-watch.ts';
import { type WallMs, wallMs } from '../../../../src/base/units.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** A clock whose wall time can be set. */
class SetClock extends FakeClock {
  aheadMs = 0;

  override wall(): WallMs {
    return wallMs(super.wall() + this.aheadMs);
  }
}

test('clock watch tells each step once, forwards and back, and not that a clock is led', async () => {
  const clock = new SetClock();
  const steps: number[] = [];
  using _ = new ClockWatch(clock, (stepMs) => steps.push(stepMs));
  await clock.advance(10_000);
  clock.aheadMs += 3_600_000;
  await clock.advance(10_000);
  clock.aheadMs -= 5000;
  await clock.advance(10_000);
  for (let n = 0; n < 10; n++) {
    clock.aheadMs += 1000;
    await clock.advance(2000);
  }
  assert.deepEqual(steps, [3_600_000, -5000]);
});
