import assert from 'node:assert/strict';
import { test } from 'node:test';
import { koffi } from '../../../src/native/koffi.ts';
import { assertLayout, layoutDifferences } from '../../../src/native/struct-layout.ts';

const declared = koffi.struct({
  tag: 'uint8_t',
  wide: koffi.struct({ low: 'uint32_t', high: 'uint64_t' }),
  _anonymous: koffi.union({ number: 'uint32_t', pointer: 'void *' }),
});
const RIGHT = { tag: 0, 'wide.low': 8, 'wide.high': 16, number: 24, pointer: 24 };

test('layoutDifferences finds none when size and offsets are those of C', () => {
  assert.deepEqual(layoutDifferences({ name: 'struct t', size: 32, at: RIGHT }, declared), []);
});

test('layoutDifferences names a wrong size and each wrong offset', () => {
  const layout = { name: 'struct t', size: 30, at: { ...RIGHT, 'wide.high': 12 } };
  assert.deepEqual(layoutDifferences(layout, declared), ['size is 32, not 30', 'wide.high is at 16, not 12']);
});

test('layoutDifferences names a member that C does not have', () => {
  const layout = { name: 'struct t', size: 32, at: { 'wide.none': 4 } };
  assert.deepEqual(layoutDifferences(layout, declared), ['wide.none is at undefined, not 4']);
});

test('assertLayout throws unsupported, naming struct and difference', () => {
  const layout = { name: 'struct t', size: 30, at: {} };
  assert.throws(() => assertLayout(layout, declared), {
    code: 'unsupported',
    message: /struct t .*size is 32, not 30/,
  });
});
