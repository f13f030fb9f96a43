import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs, wallMs } from '../../../../src/base/units.ts';
import { ArrivalClock } from '../../../../src/stream/receive/arrival-clock.ts';

/** Both clocks, set by hand. */
function clocks(nowUs: number, nowWallMs: number) {
  const times = { nowUs, nowWallMs };
  const unused = (): never => assert.fail('no timers here');
  const arrival = new ArrivalClock({
    now: () => monoUs(times.nowUs),
    wall: () => wallMs(times.nowWallMs),
    after: unused,
    sleep: unused,
  });
  return { times, arrival };
}

test('an arrival on the wall clock is told on the monotonic clock', () => {
  const { arrival } = clocks(5_000_000, 1_700_000_000_000);
  arrival.look();
  assert.equal(arrival.at(1_700_000_000_000_000 - 2500), 4_997_500);
});

test('the millisecond of the wall clock does not show in the distance of two arrivals', () => {
  const { times, arrival } = clocks(5_000_000, 1_700_000_000_000);
  arrival.look();
  times.nowUs += 40_900;
  times.nowWallMs += 41;
  arrival.look();
  assert.equal(arrival.at(1_700_000_000_040_000), 5_040_000);
});

test('when the wall clock is set, arrivals stay where they are on the monotonic clock', () => {
  const { times, arrival } = clocks(5_000_000, 1_700_000_000_000);
  arrival.look();
  times.nowUs += 10_000;
  times.nowWallMs += 3_600_000;
  arrival.look();
  assert.equal(arrival.at(times.nowWallMs * 1000 - 1000), 5_009_000);
});

test('an arrival is never in the future, and the time now where the kernel tells none', () => {
  const { arrival } = clocks(5_000_000, 1_700_000_000_000);
  assert.equal(arrival.look(), 5_000_000);
  assert.equal(arrival.at(1_700_000_000_000_000 + 900), 5_000_000);
  assert.equal(arrival.at(undefined), 5_000_000);
});
