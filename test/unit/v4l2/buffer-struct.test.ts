import assert from 'node:assert/strict';
import { test } from 'node:test';
import { koffi } from '../../../src/native/koffi.ts';
import { BufferStruct } from '../../../src/v4l2/buffer-struct.ts';
import { BUFFER, PLANE } from '../../../src/v4l2/struct-layouts.ts';

const PLANES = 8;

/** What the kernel sees at the address that it is given: the array of struct v4l2_plane. */
function planesOf(struct: BufferStruct): DataView {
  const address = struct.bytes.readBigUInt64LE(BUFFER.at['m.planes']);
  return new DataView(koffi.view(address, PLANE.size * PLANES));
}

test('BufferStruct of a multi-planar queue gives the kernel room for all planes there can be', () => {
  const struct = new BufferStruct('video_capture_mplane');
  struct.prepare(3);
  const { at } = BUFFER;
  const read = (offset: number): number => struct.bytes.readUInt32LE(offset);
  assert.deepEqual([read(at.index), read(at.type), read(at.memory), read(at.length)], [3, 9, 1, PLANES]);
  assert.equal(planesOf(struct).getUint32(PLANE.at.bytesused, true), 0);
});

test('BufferStruct finds the memory of each plane', () => {
  const struct = new BufferStruct('video_capture_mplane');
  struct.prepare(0);
  const planes = planesOf(struct);
  for (const [plane, length, offset] of [
    [0, 1000, 0],
    [1, 500, 4096],
  ] as const) {
    planes.setUint32(plane * PLANE.size + PLANE.at.length, length, true);
    planes.setUint32(plane * PLANE.size + PLANE.at['m.mem_offset'], offset, true);
  }
  struct.bytes.writeUInt32LE(2, BUFFER.at.length);
  assert.deepEqual(struct.locations(), [
    { length: 1000, offset: 0 },
    { length: 500, offset: 4096 },
  ]);
});

test('BufferStruct finds the memory of a single-planar buffer', () => {
  const struct = new BufferStruct('video_output');
  struct.prepare(0);
  struct.bytes.writeUInt32LE(1000, BUFFER.at.length);
  struct.bytes.writeUInt32LE(8192, BUFFER.at['m.offset']);
  assert.deepEqual(struct.locations(), [{ length: 1000, offset: 8192 }]);
});

test('BufferStruct gives of each plane what is filled, without a header in front, and no more than there is', () => {
  const struct = new BufferStruct('video_capture_mplane');
  struct.prepare(0);
  const planes = planesOf(struct);
  planes.setUint32(PLANE.at.data_offset, 2, true);
  planes.setUint32(PLANE.at.bytesused, 5, true); // the header counts
  planes.setUint32(PLANE.size + PLANE.at.bytesused, 1000, true);
  const memory = Buffer.from('abcdefgh');
  assert.equal(Buffer.from(struct.filledPart(0, memory)).toString(), 'cde');
  assert.equal(struct.filledPart(1, memory).length, memory.length);
});

test('BufferStruct tells how much of each plane is filled, and the time', () => {
  const { at } = BUFFER;
  const multi = new BufferStruct('video_output_mplane');
  multi.prepare(1);
  multi.fill([10, 20], 5_000_007.9);
  assert.equal(multi.bytes.readUInt32LE(at.length), 2);
  assert.equal(planesOf(multi).getUint32(PLANE.size + PLANE.at.bytesused, true), 20);
  const times = [
    multi.bytes.readBigInt64LE(at['timestamp.tv_sec']),
    multi.bytes.readBigInt64LE(at['timestamp.tv_usec']),
  ];
  assert.deepEqual(times, [5n, 7n]);
  const single = new BufferStruct('video_output');
  single.prepare(0);
  single.fill([30], 0);
  assert.equal(single.bytes.readUInt32LE(at.bytesused), 30);
});
