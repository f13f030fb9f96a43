import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAbi } from '../../../src/native/struct-layout.ts';

test('assertAbi is content with this machine', () => {
  assertAbi();
});

test('assertAbi throws unsupported on a machine with other rules, naming those that differ', () => {
  const arm32 = { endianness: 'LE', longBytes: 4, pointerBytes: 4, int64Alignment: 8 };
  assert.throws(() => assertAbi(arm32), {
    code: 'unsupported',
    message: /longBytes, pointerBytes: received .*"longBytes":4/,
  });
});
