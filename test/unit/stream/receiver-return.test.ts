import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../src/base/units.ts';
import { ReceiverReturn } from '../../../src/stream/receiver-return.ts';

/** Refusals so far at each second, and the seconds at which the receiver was told to be back. */
function returns(...refusals: number[]): number[] {
  const watch = new ReceiverReturn();
  return refusals.flatMap((count, second) => (watch.note(count, monoUs(second * 1e6)) ? [second] : []));
}

test('a receiver is back when refusals have stopped for a second, once', () => {
  assert.deepEqual(returns(0, 3, 5, 5, 5, 5), [3]);
});

test('a receiver that always was there never comes back', () => {
  assert.deepEqual(returns(0, 0, 0), []);
});

test('a receiver that goes again comes back again', () => {
  assert.deepEqual(returns(1, 1, 2, 2), [1, 3]);
});
