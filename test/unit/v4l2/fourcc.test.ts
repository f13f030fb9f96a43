import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fourcc, fourccName } from '../../../src/v4l2/fourcc.ts';

test('fourcc puts the first character into the lowest byte', () => {
  assert.equal(fourcc('MJPG'), 0x47504a4d);
});

test('fourccName marks a big-endian format', () => {
  assert.equal(fourccName(0x20363159), 'Y16 ');
  assert.equal(fourccName(0xa0363159), 'Y16 -BE');
});

test('fourcc is the inverse of fourccName for every code a driver may give', () => {
  fc.assert(fc.property(fc.nat(0xffffffff), (code) => fourcc(fourccName(code)) === code));
});

test('fourcc refuses a name that has not four characters', () => {
  for (const name of ['', 'MJP', 'MJPEG']) assert.throws(() => fourcc(name), /four characters/);
});
