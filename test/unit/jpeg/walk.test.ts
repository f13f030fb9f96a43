import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JpegLayout } from '../../../src/jpeg/layout.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { ffmpegJpegs, syntheticJpeg } from '../../support/jpegs.ts';

function walked(bytes: Uint8Array): JpegLayout {
  const layout = walkJpeg(bytes);
  assert.notEqual(typeof layout, 'string', `refused: ${String(layout)}`);
  return layout as JpegLayout;
}

const concat = (...parts: (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** The picture with bytes put in at an offset. */
const insert = (picture: Uint8Array, at: number, bytes: readonly number[]): Uint8Array =>
  concat(picture.subarray(0, at), bytes, picture.subarray(at));

test('a 4:2:2 picture of ffmpeg is described by size, sampling, tables and scan', () => {
  const layout = walked(ffmpegJpegs(1, '320x240', ['-pix_fmt', 'yuvj422p', '-huffman', 'default']));
  assert.deepEqual([layout.width, layout.height, layout.sof, layout.precision], [320, 240, 0xc0, 8]);
  assert.deepEqual(
    layout.components.map(({ h, v }) => [h, v]),
    [
      [2, 2],
      [1, 2],
      [1, 2],
    ],
  );
  assert.equal(layout.huffman, 'standard');
  assert.equal(layout.restartInterval, 0);
  assert.equal(layout.scan.length, 3);
});

test('optimised Huffman tables are told from the standard ones [T.81 §K.3]', () => {
  assert.equal(walked(ffmpegJpegs(1, '320x240', ['-huffman', 'optimal'])).huffman, 'other');
});

test('the scan ends at EOI when padding follows it', () => {
  const picture = syntheticJpeg();
  const padded = concat(picture, new Uint8Array(512));
  assert.equal(walked(padded).scanEnd, picture.length - 2);
});

test('the scan ends at the first EOI when bytes follow it that end in another', () => {
  const picture = syntheticJpeg();
  assert.equal(walked(concat(picture, picture.subarray(300))).scanEnd, picture.length - 2);
});

test('the scan ends at the first EOI when several stand at the end', () => {
  const picture = syntheticJpeg();
  const several = concat(picture, [0xff, 0xd9, 0xff, 0xd9]);
  assert.equal(walked(several).scanEnd, picture.length - 2);
});

test('a thumbnail inside APP1 is not taken for the picture', () => {
  const thumbnail = syntheticJpeg(64, 48);
  const length = thumbnail.length + 2;
  const withThumbnail = insert(syntheticJpeg(160, 120), 2, [0xff, 0xe1, length >> 8, length & 255, ...thumbnail]);
  assert.equal(walked(withThumbnail).width, 160);
});

test('fill bytes before a marker are passed over [T.81 §B.1.1.2]', () => {
  assert.equal(walked(insert(syntheticJpeg(), 2, [0xff, 0xff, 0xff])).width, 64);
});

test('a DRI segment sets the restart interval [T.81 §B.2.4.4]', () => {
  assert.equal(walked(insert(syntheticJpeg(), 2, [0xff, 0xdd, 0, 4, 0x01, 0x02])).restartInterval, 0x102);
});

test('quantisation tables are found at 8 bits an element and told from 16 bits [T.81 §B.2.4.1]', () => {
  const layout = walked(insert(syntheticJpeg(), 2, [0xff, 0xdb, 0, 131, 0x12, ...new Array<number>(128).fill(1)]));
  assert.deepEqual(
    layout.quantTables.map((table) => table?.bits),
    [8, 8, 16, undefined],
  );
});

const FAULTS: readonly (readonly [what: string, bytes: Uint8Array, fault: string])[] = [
  ['nothing', new Uint8Array(0), 'empty'],
  ['text', new TextEncoder().encode('hello, this is no picture'), 'no_soi'],
  ['a lone SOI and EOI', Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), 'no_sos'],
  ['a byte that is no marker', Uint8Array.of(0xff, 0xd8, 0x12, 0x34), 'bad_marker'],
  ['a segment longer than the picture', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff), 'length_past_end'],
  ['a segment shorter than its length field', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 1), 'bad_segment'],
  ['a scan without a frame header', Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 6, 0, 0, 63, 0, 0xff, 0xd9), 'no_sof'],
  ['a picture that was cut off', syntheticJpeg(320, 240).subarray(0, -200), 'no_eoi'],
];
for (const [what, bytes, fault] of FAULTS) {
  test(`${what} is refused as ${fault}`, () => assert.equal(walkJpeg(bytes), fault));
}
