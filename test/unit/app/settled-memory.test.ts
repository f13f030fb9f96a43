import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettledMemory } from '../../../src/app/settled-memory.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('settled memory gives back free heap ever more rarely, at least hourly, and code once, until it is disposed', async () => {
  const clock = new FakeClock();
  const start = clock.now();
  const trims: number[] = [];
  let codes = 0;
  const give = {
    freeHeap: () => void trims.push((clock.now() - start) / 1e6),
    startUpCode: async () => {
      codes += 1;
    },
  };
  const memory = new SettledMemory(clock, give);
  await clock.advance(4 * 3600 * 1000);
  assert.deepEqual(trims, [20, 100, 420, 1700, 5300, 8900, 12500]);
  assert.equal(codes, 1);
  memory[Symbol.dispose]();
  assert.equal(clock.pendingTimers, 0);
});
