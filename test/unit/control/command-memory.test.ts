import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandMemory } from '../../../src/control/command-memory.ts';
import { runThrough, testCommandJournal } from '../../support/command-journal-contract.ts';

testCommandJournal('CommandMemory', () => new CommandMemory());

const known = (memory: CommandMemory): string[] => ['a', 'b', 'c'].filter((id) => memory.recall(id) !== undefined);

test('memory forgets the oldest when there are more than its capacity', async () => {
  const memory = new CommandMemory(2);
  for (const id of ['a', 'b', 'c']) await runThrough(memory, id);
  assert.deepEqual(known(memory), ['b', 'c']);
});

test('memory forgets the oldest when the responses grow beyond its bytes', async () => {
  const memory = new CommandMemory(100, 1000);
  for (const id of ['a', 'b', 'c']) await runThrough(memory, id, 'x'.repeat(400));
  assert.deepEqual(known(memory), ['b', 'c']);
});
