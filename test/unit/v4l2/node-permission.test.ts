import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { wallMs } from '../../../src/base/units.ts';
import { waitForPermission } from '../../../src/v4l2/node-permission.ts';
import { DeviceTree } from '../../support/device-tree.ts';

/** A clock that jumps over every sleep, for a node made `ageMs` ago. */
function jumpingClock(ageMs: number): Clock & { sleptMs: number } {
  const start = Date.now() + ageMs;
  const clock = {
    ...SYSTEM_CLOCK,
    sleptMs: 0,
    wall: () => wallMs(start + clock.sleptMs),
    sleep: async (ms: number) => {
      clock.sleptMs += ms;
    },
  };
  return clock;
}

/** How long a node is waited for that is refused so many times. */
async function waitedMs(refusals: number, ageMs: number): Promise<number> {
  using tree = new DeviceTree();
  tree.write('dev/video0');
  const clock = jumpingClock(ageMs);
  let asked = 0;
  await waitForPermission(tree.at('dev/video0'), clock, async () => ++asked <= refusals);
  return clock.sleptMs;
}

test('waitForPermission waits for what udev does to a new node', async () => {
  assert.equal(await waitedMs(5, 0), 50);
});

test('waitForPermission gives up after five seconds', async () => {
  const ms = await waitedMs(Number.POSITIVE_INFINITY, 0);
  assert.ok(ms > 4900 && ms <= 5010, `${ms} ms`);
});

test('waitForPermission does not wait for a node that has been there for long', async () => {
  assert.equal(await waitedMs(Number.POSITIVE_INFINITY, 60_000), 0);
});

test('waitForPermission does not wait for a node that may be opened, or is not there', async () => {
  assert.equal(await waitedMs(0, 0), 0);
  const clock = jumpingClock(0);
  await waitForPermission('/dev/video-none', clock);
  assert.equal(clock.sleptMs, 0);
});
