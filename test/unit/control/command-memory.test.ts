import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandMemory } from '../../../src/control/command-memory.ts';
import type { CommandResponse } from '../../../src/control/response.ts';

const response = (result?: unknown): CommandResponse => ({
  id: 'x',
  status: 'succeeded',
  duplicate: false,
  ts: '',
  result,
});

test('memory never forgets a running command, however many finish meanwhile', () => {
  const memory = new CommandMemory(2);
  memory.start('long', 'h', response());
  for (const id of ['a', 'b', 'c']) {
    memory.start(id, 'h', response());
    memory.finish(id, response());
  }
  assert.equal(memory.recall('long', 'h').known, true);
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => memory.recall(id, 'h').known),
    [false, true, true],
  );
});

test('memory forgets the oldest when the responses grow beyond its bytes', () => {
  const memory = new CommandMemory(100, 1000);
  for (const id of ['a', 'b', 'c']) {
    memory.start(id, 'h', response());
    memory.finish(id, response('x'.repeat(400)));
  }
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => memory.recall(id, 'h').known),
    [false, true, true],
  );
});
