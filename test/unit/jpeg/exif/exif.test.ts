import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { wallMs } from '../../../../src/base/units.ts';
import { completeJpeg } from '../../../../src/jpeg/dht-injection.ts';
import { type ExifFacts, exifSegment } from '../../../../src/jpeg/exif/exif-segment.ts';
import { replaceExif } from '../../../../src/jpeg/exif/replace-exif.ts';
import { walkJpeg } from '../../../../src/jpeg/walk.ts';
import { exifComplaints, exifOf } from '../../../support/exiftool.ts';
import { ffmpegJpegs, syntheticJpeg } from '../../../support/jpegs.ts';
import { withoutDht } from '../../../support/mjpeg-pictures.ts';

const FACTS: ExifFacts = {
  ...{ takenAt: wallMs(Date.UTC(2026, 10, 21, 2, 10, 46, 7)), utcOffsetMinutes: 60, camera: 'front', box: 'box-1' },
  ...{ software: 'cambox 0.1.0', width: 64, height: 48, position: undefined },
};
const PLAIN = syntheticJpeg();
const JFIF = ffmpegJpegs(1, '64x48', ['-huffman', 'default']);

const pixels = (jpeg: Uint8Array): Buffer => execFileSync('djpeg', ['-pnm'], { input: jpeg });

for (const [name, jpeg] of Object.entries({ 'without any APPn': PLAIN, 'of JFIF': JFIF })) {
  test(`Exif in a picture ${name} is read by exiftool, and not a bit of the picture changes`, () => {
    const picture = replaceExif(jpeg, exifSegment(FACTS));
    const read = exifOf(picture);
    const wanted = {
      ...{ 'ExifIFD:DateTimeOriginal': '2026:11:21 03:10:46', 'ExifIFD:SubSecTimeOriginal': '007' },
      ...{
        'ExifIFD:OffsetTimeOriginal': '+01:00',
        'Composite:SubSecDateTimeOriginal': '2026:11:21 03:10:46.007+01:00',
      },
      ...{ 'IFD0:Model': 'front', 'IFD0:ImageDescription': 'front @ box-1', 'ExifIFD:SerialNumber': 'box-1' },
      ...{ 'IFD0:Software': 'cambox 0.1.0', 'ExifIFD:ExifImageWidth': 64, 'ExifIFD:ExifImageHeight': 48 },
    };
    assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((key) => [key, read[key]])), wanted);
    assert.equal(read['GPS:GPSLatitude'], undefined);
    assert.match(exifComplaints(picture), /^Validate\s*: OK$/m);
    assert.deepEqual(pixels(picture), pixels(jpeg));
  });
}

for (const [latitude, longitude, altitudeM] of [
  [52.520008, 13.404954, 34.5],
  [-33.856784, -70.000001, -12],
  [59.99999999, 179.99999999, undefined],
  [0, 0, 0],
] as const) {
  test(`Exif holds the position ${latitude}, ${longitude}, ${altitudeM} to a hand's breadth`, () => {
    const position = { latitude, longitude, ...(altitudeM !== undefined && { altitudeM }) };
    const picture = replaceExif(PLAIN, exifSegment({ ...FACTS, position }));
    const read = exifOf(picture);
    assert.ok(Math.abs(Number(read['Composite:GPSLatitude']) - latitude) < 1e-6);
    assert.ok(Math.abs(Number(read['Composite:GPSLongitude']) - longitude) < 1e-6);
    assert.equal(read['Composite:GPSAltitude'], altitudeM);
    assert.equal(read['GPS:GPSMapDatum'], 'WGS-84');
    assert.match(exifComplaints(picture), /^Validate\s*: OK$/m);
  });
}

test('a picture with an Exif of its own has one, ours, and keeps its other segments', () => {
  const exif = exifSegment({ ...FACTS, camera: 'other', position: { latitude: 1, longitude: 2 } });
  const xmp = execFileSync('exiftool', ['-XMP:Title=kept', '-o', '-', '-'], { input: replaceExif(JFIF, exif) });
  const twice = replaceExif(replaceExif(new Uint8Array(xmp), exifSegment(FACTS)), exifSegment(FACTS));
  const read = exifOf(twice);
  assert.equal(read['IFD0:Model'], 'front');
  assert.equal(read['GPS:GPSLatitude'], undefined);
  assert.match(JSON.stringify(read), /"XMP-dc:Title":"kept"/);
  assert.equal(Buffer.from(twice).toString('latin1').split('Exif\0\0').length - 1, 1);
  assert.deepEqual(pixels(twice), pixels(JFIF));
});

test('Exif goes into a picture that lacked its Huffman tables', () => {
  const bare = withoutDht(JFIF);
  const layout = walkJpeg(bare);
  assert.ok(typeof layout !== 'string');
  const picture = replaceExif(completeJpeg(bare, layout), exifSegment(FACTS));
  assert.deepEqual(pixels(picture), pixels(JFIF));
});

test('Exif says the time with an offset west of Greenwich, and text that is not ASCII with question marks', () => {
  const read = exifOf(replaceExif(PLAIN, exifSegment({ ...FACTS, utcOffsetMinutes: -210, box: 'Tür', camera: 'a' })));
  assert.equal(read['ExifIFD:OffsetTime'], '-03:30');
  assert.equal(read['ExifIFD:DateTimeOriginal'], '2026:11:20 22:40:46');
  assert.equal(read['IFD0:ImageDescription'], 'a @ T?r');
  assert.equal(read['ExifIFD:SerialNumber'], 'T?r');
});

test('a picture with Exif can be followed marker by marker, whatever the facts', () => {
  const arbitrary = fc.record({
    takenAt: fc.integer({ min: 0, max: 4e12 }).map(wallMs),
    utcOffsetMinutes: fc.integer({ min: -720, max: 840 }),
    camera: fc.string({ maxLength: 64 }),
    box: fc.option(fc.string({ maxLength: 64 }), { nil: undefined }),
    position: fc.option(
      fc.record({
        latitude: fc.double({ min: -90, max: 90, noNaN: true }),
        longitude: fc.double({ min: -180, max: 180, noNaN: true }),
      }),
      { nil: undefined },
    ),
  });
  const plain = walkJpeg(PLAIN);
  assert.ok(typeof plain !== 'string');
  fc.assert(
    fc.property(arbitrary, (facts) => {
      const exif = exifSegment({ ...FACTS, ...facts });
      const layout = walkJpeg(replaceExif(PLAIN, exif));
      assert.ok(typeof layout !== 'string');
      assert.equal(layout.scanStart, plain.scanStart + exif.length);
    }),
    { seed: 7, numRuns: 200 },
  );
});
