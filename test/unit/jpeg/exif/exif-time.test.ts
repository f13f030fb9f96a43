import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wallMs } from '../../../../src/base/units.ts';
import { exifSegment } from '../../../../src/jpeg/exif/exif-segment.ts';
import { exifTimeMs } from '../../../../src/jpeg/exif/exif-time.ts';

const AT = Date.UTC(2026, 10, 20, 10, 11, 12);
const segment = (takenAt: number, utcOffsetMinutes: number): Uint8Array =>
  exifSegment({
    ...{ takenAt: wallMs(takenAt), utcOffsetMinutes, camera: 'front', box: 'box', software: 'cambox' },
    ...{ width: 640, height: 480, position: undefined },
  });
const jpegWith = (exif: Uint8Array): Uint8Array => Buffer.concat([Buffer.from([0xff, 0xd8]), exif]);

test('the time of a picture is what its Exif was written with, wherever it was taken', () => {
  for (const minutes of [0, 60, -210, 345]) assert.equal(exifTimeMs(jpegWith(segment(AT, minutes))), AT);
});

/** Least significant byte first, and DateTime alone, as old cameras have it. */
test('the time of a picture is read in both byte orders, and from DateTime alone', () => {
  const tiff = Buffer.alloc(60);
  tiff.write('II', 0, 'latin1');
  tiff.writeUInt16LE(42, 2);
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(1, 8);
  tiff.writeUInt16LE(0x0132, 10);
  tiff.writeUInt16LE(2, 12);
  tiff.writeUInt32LE(20, 14);
  tiff.writeUInt32LE(26, 18);
  tiff.write('2026:11:20 10:11:12\0', 26, 'latin1');
  const head = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 68]), Buffer.from('Exif\0\0'), tiff]);
  assert.equal(exifTimeMs(head), new Date(2026, 10, 20, 10, 11, 12).getTime());
});

test('a picture without a time has none', () => {
  assert.equal(exifTimeMs(Buffer.from([0xff, 0xd8, 0xff, 0xd9])), undefined);
  assert.equal(exifTimeMs(Buffer.from('Exif\0\0')), undefined);
});

test('[property] damaged Exif is read without a throw', () => {
  const whole = jpegWith(segment(AT, 60));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 6 }), (at, bytes) => {
      const damaged = Uint8Array.from(whole);
      damaged.set(bytes.subarray(0, whole.length - at), at);
      exifTimeMs(damaged);
      exifTimeMs(whole.subarray(0, at));
    }),
    { seed: 4, numRuns: 1000 },
  );
});
