import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CamboxError, retoldError } from '../../../src/base/errors.ts';

test('message of an error is one sentence and its remedy, also when the reason ends with a full stop', () => {
  const parts = { verb: 'take', thing: 'a picture', remedy: 'Look at it' };
  const plain = new CamboxError('device_lost', { ...parts, reason: 'it is gone' });
  assert.equal(plain.message, 'Cannot take a picture as it is gone. Look at it');
  const sentence = new CamboxError('device_lost', { ...parts, reason: 'it is gone. Write 64x48.' });
  assert.equal(sentence.message, 'Cannot take a picture as it is gone. Write 64x48. Look at it');
});

test('words of another process of ours stay as they are', () => {
  const said = new CamboxError('busy', {
    verb: 'start',
    thing: 'clip a',
    reason: 'it is as full as can be',
    received: 4,
  });
  const retold = retoldError(said.code, said.message, 'run', 'clip.start');
  assert.deepEqual([retold.code, retold.message], ['busy', said.message]);
  const other = retoldError('internal', 'clip.start failed', 'run', 'clip.start');
  assert.equal(other.message, 'Cannot run clip.start as clip.start failed');
});
