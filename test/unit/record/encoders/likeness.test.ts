import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isBlank,
  LEAST_LIKENESS_DB,
  likenessDb,
  SMALL_BYTES,
  worstLikenessDb,
} from '../../../../src/record/encoders/likeness.ts';

const flat = (value: number): Uint8Array => new Uint8Array(SMALL_BYTES).fill(value);
/** A scene: slopes with an edge, so that shifting it shows. */
const scene = (shift = 0): Uint8Array =>
  Uint8Array.from({ length: SMALL_BYTES }, (_, i) => ((i + shift) % 480 < 200 ? 30 + (i % 90) : 220 - (i % 50)));

test('likeness of a picture with itself is 99 dB, with its opposite next to nothing', () => {
  assert.equal(likenessDb(scene(), scene()), 99);
  assert.equal(likenessDb(flat(0), flat(255)), 0);
});

test('likeness is the peak signal-to-noise ratio', () => {
  // every sample off by 8: 10 log10(255^2 / 64)
  assert.ok(Math.abs(likenessDb(flat(100), flat(108)) - 30.07) < 0.01);
});

test('likeness of a scene with a green picture or with itself shifted is too little', () => {
  const green = Uint8Array.from({ length: SMALL_BYTES }, (_, i) => (i % 3 === 1 ? 135 : 0));
  assert.ok(likenessDb(scene(), green) < LEAST_LIKENESS_DB);
  assert.ok(likenessDb(scene(), scene(24)) < LEAST_LIKENESS_DB);
});

test('likeness of many pictures is that of the worst', () => {
  const source = Buffer.concat([scene(), scene(), scene()]);
  assert.equal(worstLikenessDb(source, source), 99);
  const broken = Buffer.concat([scene(), flat(0), scene()]);
  assert.equal(worstLikenessDb(source, broken), likenessDb(scene(), flat(0)));
});

test('likeness of different numbers of pictures is none', () => {
  assert.equal(worstLikenessDb(Buffer.concat([scene(), scene()]), scene()), undefined);
  assert.equal(worstLikenessDb(new Uint8Array(), new Uint8Array()), undefined);
});

test('a picture is blank when it is of one colour but for noise', () => {
  const night = Uint8Array.from({ length: SMALL_BYTES }, (_, i) => 12 + (i % 5));
  assert.ok(isBlank(flat(0)) && isBlank(night));
  assert.ok(!isBlank(scene()));
});
