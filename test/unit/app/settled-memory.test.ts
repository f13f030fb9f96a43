import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettledMemory } from '../../../src/app/settled-memory.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('settled memory gives back free heap ever more rarely, at least hourly, and code while it starts, until it is disposed', async () => {
  const clock = new FakeClock();
  const start = clock.now();
  const trims: number[] = [];
  const codes: number[] = [];
  const give = {
    freeHeap: () => void trims.push((clock.now() - start) / 1e6),
    startUpCode: async () => {
      codes.push((clock.now() - start) / 1e6);
    },
  };
  const memory = new SettledMemory(clock, give);
  await clock.advance(4 * 3600 * 1000);
  assert.deepEqual(trims, [10, 30, 70, 150, 310, 630, 1270, 2550, 5110, 8710, 12310]);
  assert.deepEqual(codes, [10, 30, 70]);
  memory[Symbol.dispose]();
  assert.equal(clock.pendingTimers, 0);
});
