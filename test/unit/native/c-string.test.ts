import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCString } from '../../../src/native/c-string.ts';

test('readCString ends at the first NUL', () => {
  assert.equal(readCString(Buffer.from('..camera\0rest'), 2, 11), 'camera');
});

test('readCString takes the whole field when there is no NUL', () => {
  assert.equal(readCString(Buffer.from('camera!'), 0, 6), 'camera');
});

test('readCString reads UTF-8', () => {
  assert.equal(readCString(Buffer.from('Kamera ü\0'), 0, 10), 'Kamera ü');
});
