import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PictureBoundaries, type PictureSpan } from '../../../src/capture/replay/picture-boundaries.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { ffmpegJpegs, syntheticJpeg } from '../../support/jpegs.ts';

function spansOf(bytes: Uint8Array, chunkSizes: readonly number[] = [1 << 20]): PictureSpan[] {
  const boundaries = new PictureBoundaries();
  const spans: PictureSpan[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = chunkSizes[i % chunkSizes.length]!;
    spans.push(...boundaries.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return [...spans, ...boundaries.finish()];
}

const PICTURE = syntheticJpeg(160, 120);
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

test('pictures of ffmpeg are found one after the other', () => {
  const file = ffmpegJpegs(5, '160x120', []);
  const spans = spansOf(file);
  assert.equal(spans.length, 5);
  assert.equal(
    spans.reduce((sum, { length }) => sum + length, 0),
    file.length,
  );
  for (const { offset, length } of spans)
    assert.notEqual(typeof walkJpeg(file.subarray(offset, offset + length)), 'string');
});

test('bytes between pictures are passed over', () => {
  const text = new TextEncoder().encode('--boundary\r\nContent-Type: image/jpeg\r\n\r\n');
  const spans = spansOf(join(text, PICTURE, text, new Uint8Array(7), PICTURE));
  assert.deepEqual(
    spans.map(({ length }) => length),
    [PICTURE.length, PICTURE.length],
  );
});

test('a picture that was cut off is reported up to where the next begins', () => {
  const half = PICTURE.subarray(0, PICTURE.length - 50);
  assert.deepEqual(spansOf(join(half, PICTURE)), [
    { offset: 0, length: half.length },
    { offset: half.length, length: PICTURE.length },
  ]);
});

test('a picture that the file cuts off is reported up to the end', () => {
  assert.deepEqual(spansOf(PICTURE.subarray(0, 300)), [{ offset: 0, length: 300 }]);
});

test('the spans do not depend on how the bytes are cut into chunks [property]', () => {
  const file = join(Uint8Array.of(1, 0xff, 0xd7), PICTURE, PICTURE.subarray(0, 1400), PICTURE, Uint8Array.of(0xff));
  const whole = spansOf(file);
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(sizes, (chunks) => assert.deepEqual(spansOf(file, chunks), whole)));
});

test('nothing throws, whatever the bytes [property]', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void spansOf(join(PICTURE.subarray(0, 40), bytes), [7])),
  );
});
