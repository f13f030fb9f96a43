import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferStruct } from '../../../src/v4l2/buffer-struct.ts';
import { readCapturedBuffer } from '../../../src/v4l2/captured-buffer.ts';
import { BUFFER } from '../../../src/v4l2/struct-layouts.ts';

const TIMESTAMP_MONOTONIC = 0x2000;
const TIMESTAMP_COPY = 0x4000;
const ERROR = 0x0040;
const KEYFRAME = 0x0008;
const LAST = 0x00100000;
const SOURCE_SOE = 0x10000;
const MAPPED = 0x0001;

const memory = [[Buffer.from('first buffer')], [Buffer.from('second buffer')]];

/** What a driver of a single-planar queue fills in. The planes of multi-planar ones are checked against vivid. */
function read(flags: number, fields: { index?: number; used?: number; sequence?: number } = {}) {
  const { at } = BUFFER;
  const struct = new BufferStruct('video_capture');
  const { bytes } = struct;
  bytes.writeUInt32LE(fields.index ?? 0, at.index);
  bytes.writeUInt32LE(fields.used ?? 5, at.bytesused);
  bytes.writeUInt32LE(flags, at.flags);
  bytes.writeBigInt64LE(12n, at['timestamp.tv_sec']);
  bytes.writeBigInt64LE(345_678n, at['timestamp.tv_usec']);
  bytes.writeUInt32LE(fields.sequence ?? 0, at.sequence);
  return readCapturedBuffer(struct, (index) => memory[index]!);
}

test('readCapturedBuffer gives the used bytes of the buffer that the index names', () => {
  const { index, bytes, planes } = read(TIMESTAMP_MONOTONIC, { index: 1, used: 6 });
  assert.deepEqual([index, Buffer.from(bytes).toString(), planes.length], [1, 'second', 1]);
});

test('readCapturedBuffer gives no more bytes than the buffer has', () => {
  assert.equal(read(TIMESTAMP_MONOTONIC, { used: 1000 }).bytes.length, memory[0]![0]!.length);
});

test('readCapturedBuffer gives a monotonic timestamp in microseconds', () => {
  const { capturedAt, timestampUs } = read(MAPPED | SOURCE_SOE | TIMESTAMP_MONOTONIC);
  assert.deepEqual([capturedAt, timestampUs], [12_345_678, 12_345_678]);
});

test('readCapturedBuffer gives a timestamp of another clock as a number only', () => {
  for (const flags of [MAPPED, MAPPED | TIMESTAMP_COPY]) {
    const { capturedAt, timestampUs } = read(flags);
    assert.deepEqual([capturedAt, timestampUs], [undefined, 12_345_678]);
  }
});

test('readCapturedBuffer tells which moment the timestamp is of', () => {
  assert.equal(read(TIMESTAMP_MONOTONIC | SOURCE_SOE).timedAt, 'start_of_exposure');
  assert.equal(read(TIMESTAMP_MONOTONIC).timedAt, 'end_of_frame');
});

for (const [name, flag] of [
  ['damaged', ERROR],
  ['keyFrame', KEYFRAME],
  ['last', LAST],
] as const) {
  test(`readCapturedBuffer tells of ${name}`, () => {
    assert.equal(read(TIMESTAMP_MONOTONIC | flag)[name], true);
    assert.equal(read(TIMESTAMP_MONOTONIC)[name], false);
  });
}

test('readCapturedBuffer reads sequence numbers as unsigned', () => {
  assert.equal(read(TIMESTAMP_MONOTONIC, { sequence: 0xffffffff }).sequence, 0xffffffff);
});
