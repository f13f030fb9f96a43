import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeBits, codePlace, readFrameNumber } from '../../../src/capture/synthetic/frame-number-code.ts';
import { openSynthetic } from '../../../src/capture/synthetic/open-synthetic.ts';
import { decodeLuma, syntheticJpeg } from '../../support/jpegs.ts';

const SIZES = [
  [64, 48],
  [97, 65],
  [160, 120],
  [641, 479],
  [1920, 1080],
] as const;

for (const [width, height] of SIZES) {
  test(`ffmpeg decodes a ${width}x${height} picture whole and its frame number can be read from it`, () => {
    const numbers = [0, 1, 17, 0xfffffffe];
    const jpegs = Buffer.concat(numbers.map((number) => syntheticJpeg(width, height, number)));
    const read = decodeLuma(jpegs, width, height).map((luma) => readFrameNumber(luma, width, height));
    assert.deepEqual(read, numbers);
  });
}

test('the picture moves from frame to frame', () => {
  const [first, second] = decodeLuma(Buffer.concat([syntheticJpeg(320, 240, 0), syntheticJpeg(320, 240, 1)]), 320, 240);
  const changed = first!.filter((value, i) => Math.abs(value - second![i]!) > 16).length;
  assert.ok(changed > 0.3 * first!.length, `${changed} of ${first!.length} pixels changed`);
});

test('a damaged code gives no number instead of a wrong one', () => {
  const [luma] = decodeLuma(syntheticJpeg(160, 120, 1234), 160, 120);
  const { top } = codePlace(160, 120)!;
  const damaged = luma!.slice();
  for (let y = top; y < top + 16; y++) damaged.fill(235, y * 160 + 128, y * 160 + 144);
  assert.equal(readFrameNumber(damaged, 160, 120), undefined);
});

test('a plane that is too short gives no number', () => {
  assert.equal(readFrameNumber(new Uint8Array(100), 160, 120), undefined);
});

test('one bit of the number changes the checksum too', () => {
  const differing = codeBits(5).filter((bit, i) => bit !== codeBits(4)[i]).length;
  assert.ok(differing >= 2);
});

test('a picture too small for its number is refused with the least size', () => {
  assert.throws(() => openSynthetic(32, 16), /at least 64x48/);
});
