import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeFormat, formatQuestion, readFormat } from '../../../src/v4l2/format.ts';
import { FORMAT, PLANE_PIX_FORMAT } from '../../../src/v4l2/struct-layouts.ts';

const { at } = FORMAT;

test('A wanted format is written as its queue has it, progressive', () => {
  const bytes = encodeFormat('video_output_mplane', { fourcc: 'NM12', width: 1920, height: 1080 });
  const { fourcc, width, height, field } = readFormat('video_output_mplane', bytes);
  assert.deepEqual({ fourcc, width, height, field }, { fourcc: 'NM12', width: 1920, height: 1080, field: 'none' });
  assert.equal(bytes.readUInt32LE(at.type), 10); // V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE
});

test('A format of a single-planar queue has one plane', () => {
  const bytes = formatQuestion('video_capture');
  bytes.writeUInt32LE(640, at['fmt.pix.bytesperline']);
  bytes.writeUInt32LE(345_600, at['fmt.pix.sizeimage']);
  bytes.writeUInt32LE(7, at['fmt.pix.colorspace']);
  bytes.writeUInt32LE(1, at['fmt.pix.quantization']);
  const { planes, bytesPerLine, imageBytes, colours } = readFormat('video_capture', bytes);
  assert.deepEqual(planes, [{ bytesPerLine: 640, imageBytes: 345_600 }]);
  assert.deepEqual([bytesPerLine, imageBytes], [640, 345_600]);
  assert.deepEqual(colours, { colorspace: 7, encoding: 0, quantization: 1 });
});

test('A format of a multi-planar queue has the planes that the driver tells, and their sum', () => {
  const bytes = formatQuestion('video_capture_mplane');
  bytes.writeUInt8(2, at['fmt.pix_mp.num_planes']);
  bytes.writeUInt8(2, at['fmt.pix_mp.quantization']);
  for (const [plane, bytesPerLine, imageBytes] of [
    [0, 704, 1000],
    [1, 352, 500],
  ] as const) {
    const start = at['fmt.pix_mp.plane_fmt'] + plane * PLANE_PIX_FORMAT.size;
    bytes.writeUInt32LE(bytesPerLine, start + PLANE_PIX_FORMAT.at.bytesperline);
    bytes.writeUInt32LE(imageBytes, start + PLANE_PIX_FORMAT.at.sizeimage);
  }
  const format = readFormat('video_capture_mplane', bytes);
  assert.deepEqual(format.planes, [
    { bytesPerLine: 704, imageBytes: 1000 },
    { bytesPerLine: 352, imageBytes: 500 },
  ]);
  assert.deepEqual([format.bytesPerLine, format.imageBytes, format.colours.quantization], [704, 1500, 2]);
});

test('readFormat takes whatever a driver may write', () => {
  const types = fc.constantFrom('video_capture' as const, 'video_capture_mplane' as const);
  fc.assert(
    fc.property(types, fc.uint8Array({ minLength: FORMAT.size, maxLength: FORMAT.size }), (type, bytes) => {
      assert.ok(readFormat(type, Buffer.from(bytes)).planes.length <= 8);
    }),
  );
});
