import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EncoderWish } from '../../../../src/base/encoder-names.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { CameraEncoders } from '../../../../src/record/encoders/camera-encoders.ts';
import type { EncoderAdvice } from '../../../../src/record/encoders/encoder-advice.ts';
import { DEFAULT_QUALITY } from '../../../../src/record/encoders/encoder-profile.ts';
import type { ProbePictures } from '../../../../src/record/encoders/probe-stream.ts';
import { frameOf, syntheticJpeg } from '../../../support/jpegs.ts';
import { withoutDht } from '../../../support/mjpeg-pictures.ts';
import { untestedEncoders } from '../../../support/untested-encoders.ts';

/** Advice that always wants to know more, and keeps what it is given. */
class CuriousAdvice implements EncoderAdvice {
  readonly given: (ProbePictures & { wish: EncoderWish })[] = [];
  readonly choose = untestedEncoders().choose;
  idle = true;
  curious = true;

  undecided(): boolean {
    return this.curious;
  }

  consider(wish: EncoderWish, _: unknown, pictures: ProbePictures): void {
    this.given.push({ ...pictures, wish });
  }

  failed(): void {
    this.curious = true;
  }
}

function bench(encoder: EncoderWish = 'auto') {
  const arena = new FrameArena(8_000_000);
  const advice = new CuriousAdvice();
  const camera = new CameraEncoders({ encoder, fps: 30, quality: DEFAULT_QUALITY }, advice);
  let sequence = 0;
  const pass = (count: number, jpeg = syntheticJpeg(64, 48)): void => {
    for (let i = 0; i < count; i++) {
      sequence += 1;
      using frame = frameOf(arena, jpeg, sequence);
      camera.onFrame(frame);
    }
  };
  return { arena, advice, camera, pass };
}

test('camera hands in sixteen pictures of its own, complete and copied, once', () => {
  const { arena, advice, pass } = bench();
  pass(15, withoutDht(syntheticJpeg(64, 48)));
  assert.equal(advice.given.length, 0);
  pass(20, withoutDht(syntheticJpeg(64, 48)));
  assert.equal(advice.given.length, 1);
  assert.deepEqual(advice.given[0]?.size, { width: 64, height: 48 });
  assert.equal(advice.given[0]?.jpegs.length, 16);
  assert.deepEqual(advice.given[0]?.jpegs[0], syntheticJpeg(64, 48), 'with its Huffman tables');
  assert.equal(arena.usedBytes, 0, 'no frame is held');
});

test('camera hands in nothing when everything is known', () => {
  const { advice, pass } = bench();
  advice.curious = false;
  pass(40);
  assert.deepEqual(advice.given, []);
});

test('camera waits with its pictures until the probe of another one is over', () => {
  const { advice, pass } = bench();
  advice.idle = false;
  pass(40);
  assert.deepEqual(advice.given, []);
  advice.idle = true;
  pass(16);
  assert.equal(advice.given.length, 1);
});

test('camera hands in pictures again when their size changes, and never mixes sizes', () => {
  const { advice, pass } = bench();
  pass(10);
  pass(16, syntheticJpeg(80, 48));
  assert.deepEqual(
    advice.given.map(({ size, jpegs }) => [size.width, jpegs.length]),
    [[80, 16]],
  );
});

test('camera hands in pictures for an encoder that a clip asks for and nobody has probed', () => {
  const { advice, camera, pass } = bench('copy');
  advice.curious = false;
  pass(20);
  advice.curious = true;
  camera.choose('libx264');
  pass(16);
  assert.deepEqual(
    advice.given.map(({ wish }) => wish),
    ['libx264'],
  );
});

test('camera hands in eight pictures when they are large', () => {
  const { advice, pass } = bench();
  const large = Buffer.concat([syntheticJpeg(64, 48).slice(0, 2), comment(60_000, 20), syntheticJpeg(64, 48).slice(2)]);
  pass(8, new Uint8Array(large));
  assert.equal(advice.given[0]?.jpegs.length, 8);
});

/** `count` COM segments of `length` bytes. */
function comment(length: number, count: number): Buffer {
  const segment = Buffer.alloc(length + 2);
  segment.writeUInt16BE(0xfffe, 0);
  segment.writeUInt16BE(length, 2);
  return Buffer.concat(Array<Buffer>(count).fill(segment));
}
