import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readControl } from '../../../src/v4l2/control.ts';
import { QUERY_EXT_CTRL } from '../../../src/v4l2/struct-layouts.ts';

const { at } = QUERY_EXT_CTRL;
const INTEGER = 1;
const CTRL_CLASS = 6;
const U16 = 0x0101;
const DISABLED = 0x0001;
const HAS_PAYLOAD = 0x0100;

/** What a driver answers to VIDIOC_QUERY_EXT_CTRL. */
function answer(type: number, flags = 0, label = 'White Balance, Automatic'): Buffer {
  const bytes = Buffer.alloc(QUERY_EXT_CTRL.size);
  bytes.writeUInt32LE(type, at.type);
  bytes.writeUInt32LE(flags, at.flags);
  bytes.write(label, at.name);
  bytes.writeBigInt64LE(-5n, at.minimum);
  return bytes;
}

for (const [label, name] of [
  ['White Balance, Automatic', 'white_balance_automatic'],
  ['Exposure (Absolute)', 'exposure_absolute'],
  ['  Zoom, Absolute ', 'zoom_absolute'],
  ['75% Gain', '75_gain'],
] as const) {
  test(`A control labelled "${label}" is named ${name}`, () => {
    assert.equal(readControl(answer(INTEGER, 0, label))?.name, name);
  });
}

test('readControl reads ranges as signed', () => {
  assert.equal(readControl(answer(INTEGER))?.minimum, -5);
});

test('readControl leaves out headings, what is disabled, and kinds of later kernels', () => {
  for (const bytes of [answer(CTRL_CLASS), answer(INTEGER, DISABLED), answer(77)]) {
    assert.equal(readControl(bytes), undefined);
  }
});

test('readControl takes a later kind with a payload for a compound', () => {
  assert.equal(readControl(answer(0x0999, HAS_PAYLOAD))?.kind, 'compound');
});

test('readControl reads an array with its dimensions', () => {
  const bytes = answer(U16, HAS_PAYLOAD);
  bytes.writeUInt32LE(2, at.elem_size);
  bytes.writeUInt32LE(6, at.elems);
  bytes.writeUInt32LE(2, at.nr_of_dims);
  bytes.writeUInt32LE(3, at.dims);
  bytes.writeUInt32LE(2, at.dims + 4);
  const control = readControl(bytes);
  assert.ok(control?.kind === 'compound');
  assert.deepEqual([control.elementBytes, control.elements, control.dimensions], [2, 6, [3, 2]]);
});

test('readControl takes an array of integers for a compound, not for a number', () => {
  assert.equal(readControl(answer(INTEGER, HAS_PAYLOAD))?.kind, 'compound');
});

test('readControl takes whatever a driver may write', () => {
  const answers = fc.uint8Array({ minLength: QUERY_EXT_CTRL.size, maxLength: QUERY_EXT_CTRL.size });
  fc.assert(fc.property(answers, (bytes) => void readControl(Buffer.from(bytes))));
});
