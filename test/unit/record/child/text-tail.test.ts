import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextTail } from '../../../../src/record/child/text-tail.ts';

test('text tail keeps the last bytes when more comes than it holds', () => {
  const tail = new TextTail(8);
  for (const chunk of ['one ', 'two ', 'three ', '\n']) tail.push(Buffer.from(chunk));
  assert.equal(tail.toString(), 'three');
  tail.push(Buffer.from('a long last line'));
  assert.equal(tail.toString(), 'ast line');
});
