import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import { Child } from '../../../../src/record/child/child.ts';
import { PolledCaps } from '../../../../src/record/memory/polled-caps.ts';

const MIB = 2 ** 20;

async function shell(script: string, memoryMb: number, cpuWeight = 100): Promise<Child> {
  const place = await new PolledCaps(SYSTEM_CLOCK).place({ memoryBytes: memoryMb * MIB, cpuWeight });
  return Child.spawn('sh', ['-c', script], SYSTEM_CLOCK, { place });
}

test('a child that takes more than its cap is killed with all it has started, and is told of as that', async () => {
  const child = await shell('(head -c 60m /dev/zero; sleep 1000) | tail -c 60m', 40);
  const { signal, memory } = await child.exited;
  assert.deepEqual(
    [signal, memory?.by, memory?.killed, memory?.capBytes],
    ['SIGKILL', 'rss_poll', 'over_cap', 40 * MIB],
  );
  assert.ok(memory!.peakBytes > 40 * MIB);
});

test('a child within its cap is left alone, and the most it had is told', async () => {
  const child = await shell('(head -c 20m /dev/zero; sleep 2) | tail -c 20m >/dev/null', 200);
  const { code, memory } = await child.exited;
  assert.deepEqual([code, memory?.killed], [0, undefined]);
  assert.ok(memory!.peakBytes > 18 * MIB && memory!.heldBytes === memory!.peakBytes, String(memory!.peakBytes));
});

test('a child that can wait runs at a lower priority', async () => {
  const [background, recording] = [await shell('cat', 40, 50), await shell('cat', 40, 100)];
  assert.deepEqual([getPriority(background.pid), getPriority(recording.pid)], [10, 0]);
  await Promise.all([background.stop('enough'), recording.stop('enough')]);
});
