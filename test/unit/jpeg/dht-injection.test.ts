import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeJpeg, completeJpegPieces, STANDARD_DHT } from '../../../src/jpeg/dht-injection.ts';
import type { JpegLayout } from '../../../src/jpeg/layout.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { decodeLuma, syntheticJpeg } from '../../support/jpegs.ts';
import { withoutDht } from '../../support/mjpeg-pictures.ts';

const WHOLE = syntheticJpeg(64, 48);
const BARE = withoutDht(WHOLE);

function layoutOf(bytes: Uint8Array): JpegLayout {
  const layout = walkJpeg(bytes);
  if (typeof layout === 'string') throw new Error(layout);
  return layout;
}

test('standard DHT is one segment of four tables whose length says so [T.81 §B.2.4.2]', () => {
  assert.equal(STANDARD_DHT.length, 420);
  assert.deepEqual([...STANDARD_DHT.subarray(0, 5)], [0xff, 0xc4, 418 >> 8, 418 & 0xff, 0x00]);
});

test('completeJpeg inserts the standard tables before the scan when a picture has none', () => {
  const complete = completeJpeg(BARE, layoutOf(BARE));
  const layout = layoutOf(complete);
  assert.equal(layout.huffman, 'standard');
  assert.equal(complete.length, BARE.length + STANDARD_DHT.length);
  assert.deepEqual(withoutDht(complete), BARE);
});

test('completeJpeg makes a picture that decodes to the same pixels when its tables were left out', () => {
  const complete = completeJpeg(BARE, layoutOf(BARE));
  assert.deepEqual(decodeLuma(complete, 64, 48), decodeLuma(WHOLE, 64, 48));
});

test('completeJpeg returns the very same bytes when nothing is missing', () => {
  assert.equal(completeJpeg(WHOLE, layoutOf(WHOLE)), WHOLE);
});

test('completeJpegPieces are views of the picture, not copies', () => {
  const [head, tables, rest, ...more] = completeJpegPieces(BARE, layoutOf(BARE));
  assert.equal(more.length, 0);
  assert.equal(tables, STANDARD_DHT);
  for (const piece of [head!, rest!]) assert.equal(piece.buffer, BARE.buffer);
  assert.equal(rest!.byteOffset, head!.byteOffset + head!.length);
  assert.equal(head!.length + rest!.length, BARE.length);
});

test('completeJpeg leaves a progressive picture alone, as the standard tables are not its own', () => {
  const progressive = { ...layoutOf(BARE), sof: 0xc2 };
  assert.equal(completeJpeg(BARE, progressive), BARE);
});
