import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCapturedBuffer } from '../../../src/v4l2/captured-buffer.ts';
import { BUFFER } from '../../../src/v4l2/struct-layouts.ts';

const TIMESTAMP_MONOTONIC = 0x2000;
const TIMESTAMP_COPY = 0x4000;
const ERROR = 0x0040;
const SOURCE_SOE = 0x10000;
const MAPPED = 0x0001;

const memory = [Buffer.from('first buffer'), Buffer.from('second buffer')];

function read(flags: number, fields: { index?: number; used?: number; sequence?: number } = {}) {
  const { at } = BUFFER;
  const bytes = Buffer.alloc(BUFFER.size);
  bytes.writeUInt32LE(fields.index ?? 0, at.index);
  bytes.writeUInt32LE(fields.used ?? 5, at.bytesused);
  bytes.writeUInt32LE(flags, at.flags);
  bytes.writeBigInt64LE(12n, at['timestamp.tv_sec']);
  bytes.writeBigInt64LE(345_678n, at['timestamp.tv_usec']);
  bytes.writeUInt32LE(fields.sequence ?? 0, at.sequence);
  return readCapturedBuffer(bytes, (index) => memory[index]!);
}

test('readCapturedBuffer gives the used bytes of the buffer that the index names', () => {
  const { index, bytes } = read(TIMESTAMP_MONOTONIC, { index: 1, used: 6 });
  assert.deepEqual([index, Buffer.from(bytes).toString()], [1, 'second']);
});

test('readCapturedBuffer gives no more bytes than the buffer has', () => {
  assert.equal(read(TIMESTAMP_MONOTONIC, { used: 1000 }).bytes.length, memory[0]!.length);
});

test('readCapturedBuffer gives a monotonic timestamp in microseconds', () => {
  assert.equal(read(MAPPED | SOURCE_SOE | TIMESTAMP_MONOTONIC).capturedAt, 12_345_678);
});

test('readCapturedBuffer gives no timestamp of another clock', () => {
  assert.equal(read(MAPPED).capturedAt, undefined);
  assert.equal(read(MAPPED | TIMESTAMP_COPY).capturedAt, undefined);
});

test('readCapturedBuffer tells of the error flag', () => {
  assert.equal(read(TIMESTAMP_MONOTONIC | ERROR).damaged, true);
  assert.equal(read(TIMESTAMP_MONOTONIC).damaged, false);
});

test('readCapturedBuffer reads sequence numbers as unsigned', () => {
  assert.equal(read(TIMESTAMP_MONOTONIC, { sequence: 0xffffffff }).sequence, 0xffffffff);
});
