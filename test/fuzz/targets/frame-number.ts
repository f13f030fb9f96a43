import assert from 'node:assert/strict';
import {
  BLACK,
  type CodePlace,
  cellAt,
  codeBits,
  codePlace,
  readFrameNumber,
  WHITE,
} from '../../../src/capture/synthetic/frame-number-code.ts';
import { joined } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { ACCEPTED, type FuzzTarget } from '../target.ts';

const HEADER_BYTES = 6;
const MIDDLE = (BLACK + WHITE) / 2;
const SIZES = [
  [64, 48],
  [48, 16],
  [8, 384],
  [17, 64],
  [96, 32],
  [384, 8],
] as const;

/** The frame number in a luma plane: a number is only read where its code stands, whatever the size that is claimed. */
export const frameNumberTarget: FuzzTarget = {
  name: 'frame-number',
  share: 0.3,
  reasons: ['none'],
  open: () => ({ make: mutatedPlane, check: checkPlane }),
};

/** Width, height and stride in 16 bits each, then the plane. */
function mutatedPlane(random: Random): Uint8Array {
  const [width, height] = random.pick(SIZES);
  const stride = width + random.pick([0, 0, 1, 16]);
  const luma = new Uint8Array(stride * height).fill(random.byte());
  const place = codePlace(width, height);
  if (place !== undefined)
    paint(luma, stride, width, height, place, random.oneIn(2) ? random.below(100) : random.u32());
  for (let left = random.below(4); left > 0; left--) damage(luma, random);
  const claimed = [width, height, stride].map((value) => (random.oneIn(12) ? random.word() : value));
  const header = Uint8Array.from(claimed.flatMap((value) => [value >> 8, value & 0xff]));
  return joined(header, random.oneIn(8) ? luma.subarray(0, random.below(luma.length)) : luma);
}

function paint(
  luma: Uint8Array,
  stride: number,
  width: number,
  height: number,
  place: CodePlace,
  number: number,
): void {
  const bits = codeBits(number);
  for (let y = place.top; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = cellAt(place, x, y);
      if (cell >= 0) luma[y * stride + x] = bits[cell] === 1 ? WHITE : BLACK;
    }
  }
}

/** A stripe or a spot of another brightness. */
function damage(luma: Uint8Array, random: Random): void {
  const at = random.below(luma.length);
  luma.fill(random.byte(), at, at + random.below(random.pick([4, 64, 1000])));
}

function checkPlane(input: Uint8Array): string {
  if (input.length < HEADER_BYTES) return 'none';
  const word = (at: number): number => (input[at]! << 8) | input[at + 1]!;
  const [width, height, stride] = [word(0), word(2), word(4)];
  const luma = input.subarray(HEADER_BYTES);
  const number = readFrameNumber(luma, width, height, stride);
  if (number === undefined) return 'none';
  const place = codePlace(width, height) ?? assert.fail('a number from a picture without a place for one');
  for (const [cell, bit] of codeBits(number).entries()) {
    assert.equal(bit === 1, isLight(luma, stride, place, cell), `cell ${cell} says something else`);
  }
  return ACCEPTED;
}

/** By the mean of the middle half of a cell. */
function isLight(luma: Uint8Array, stride: number, { cell, perRow, top }: CodePlace, index: number): boolean {
  const [left, upper] = [(index % perRow) * cell + cell / 4, top + Math.floor(index / perRow) * cell + cell / 4];
  let sum = 0;
  for (let y = upper; y < upper + cell / 2; y++) {
    for (let x = left; x < left + cell / 2; x++)
      sum += luma[y * stride + x] ?? assert.fail('it looks outside the plane');
  }
  return sum / (cell / 2) ** 2 > MIDDLE;
}
