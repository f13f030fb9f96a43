import assert from 'node:assert/strict';
import { test } from 'node:test';
import { koffi } from '../../../src/native/koffi.ts';
import type { Integer64Control, NumberControl, StringControl } from '../../../src/v4l2/control.ts';
import { ExtControls } from '../../../src/v4l2/ext-controls.ts';
import { EXT_CONTROL, EXT_CONTROLS } from '../../../src/v4l2/struct-layouts.ts';

const about = {
  id: 7,
  name: 'n',
  label: 'N',
  readOnly: false,
  writeOnly: false,
  inactive: false,
  grabbed: false,
  volatile: false,
  updatesOthers: false,
  changesLayout: false,
};
const range = { minimum: 0, maximum: 4, step: 1 };
const integer: NumberControl = { ...about, ...range, kind: 'integer', defaultValue: 0, menu: [] };
const bitmask: NumberControl = { ...integer, kind: 'bitmask' };
const wide: Integer64Control = { ...about, kind: 'integer64', minimum: 0n, maximum: 9n, step: 1n, defaultValue: 0n };
const text: StringControl = { ...about, ...range, kind: 'string' };

const assignments = [
  { control: integer, value: -3 },
  { control: bitmask, value: 0x80000001 },
  { control: wide, value: -(2n ** 60n) },
  { control: text, value: 'grün' },
];

test('ExtControls reads back what it was given, of every kind', () => {
  const controls = ExtControls.of(assignments);
  const read = assignments.map(({ control }, index) => controls.read(index, control));
  assert.deepEqual(read, [-3, 0x80000001, -(2n ** 60n), 'grün']);
});

test('ExtControls gives the kernel the addresses of its entries and of their payloads', () => {
  const controls = ExtControls.of(assignments);
  const entries = new DataView(
    koffi.view(controls.bytes.readBigUInt64LE(EXT_CONTROLS.at.controls), EXT_CONTROL.size * assignments.length),
  );
  const start = 3 * EXT_CONTROL.size;
  assert.deepEqual([entries.getUint32(start, true), entries.getUint32(start + EXT_CONTROL.at.size, true)], [7, 5]);
  const payload = new Uint8Array(koffi.view(entries.getBigUint64(start + EXT_CONTROL.at.ptr, true), 5));
  assert.equal(Buffer.from(payload).toString(), 'grün');
  assert.equal(entries.getUint32(EXT_CONTROL.at.size, true), 0);
});

test('ExtControls names the control that the driver blames, if it does', () => {
  const controls = ExtControls.of(assignments);
  controls.bytes.writeUInt32LE(2, EXT_CONTROLS.at.error_idx);
  assert.equal(controls.blamed, wide);
  controls.bytes.writeUInt32LE(assignments.length, EXT_CONTROLS.at.error_idx);
  assert.equal(controls.blamed, undefined);
});

test('ExtControls fills the room of a text that is too long to its end, which the kernel refuses', () => {
  const controls = ExtControls.of([{ control: text, value: 'abcdefgh' }]);
  assert.equal(controls.read(0, text), 'abcde');
});
