import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampleCheck } from '../../../../src/app/probe/sample-check.ts';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import { walkJpeg } from '../../../../src/jpeg/walk.ts';
import { ffmpegJpegs, syntheticJpeg } from '../../../support/jpegs.ts';

function offer(samples: SampleCheck, bytes: Uint8Array): void {
  const layout = walkJpeg(bytes);
  assert.ok(typeof layout === 'object', String(layout));
  samples.offer(bytes, layout);
}

/** The picture with ten bytes in the middle of its scan gone, as when USB loses a packet: whole by its markers. */
function damaged(picture: Uint8Array): Uint8Array {
  const layout = walkJpeg(picture);
  assert.ok(typeof layout === 'object');
  const middle = (layout.scanStart + layout.scanEnd) >> 1;
  return new Uint8Array([...picture.subarray(0, middle), ...picture.subarray(middle + 10)]);
}

const half = (): number => 0.5;

test('whole pictures are found whole, and cost nothing', () => {
  const samples = new SampleCheck(half);
  for (let i = 0; i < 4; i++) offer(samples, syntheticJpeg(160, 120, i));
  const { checked, damaged: found, recode_ms } = samples.run(SYSTEM_CLOCK);
  assert.deepEqual([checked, found.total, recode_ms], [4, 0, undefined]);
});

test('a picture whose markers are whole is found damaged inside', () => {
  const samples = new SampleCheck(half);
  const picture = syntheticJpeg(320, 240);
  offer(samples, picture);
  offer(samples, damaged(picture));
  const { checked, damaged: found } = samples.run(SYSTEM_CLOCK);
  assert.deepEqual([checked, found.total], [2, 1]);
});

test('the cost of coding anew is measured where it is needed', () => {
  const samples = new SampleCheck(half);
  offer(samples, ffmpegJpegs(1, '320x240', ['-huffman', 'optimal']));
  const { recode_ms } = samples.run(SYSTEM_CLOCK);
  assert.ok(recode_ms !== undefined && recode_ms > 0, `${recode_ms} ms`);
});

test('of many pictures 128 are kept, those at the end as well as those at the start', () => {
  const picture = syntheticJpeg(160, 120);
  const broken = damaged(picture);
  let state = 1;
  const random = (): number => {
    state = (state * 48271) % 2147483647; // the minimal standard generator, pinned
    return state / 2147483647;
  };
  const samples = new SampleCheck(random);
  for (let i = 0; i < 300; i++) offer(samples, picture);
  for (let i = 0; i < 300; i++) offer(samples, broken);
  const { checked, damaged: found } = samples.run(SYSTEM_CLOCK);
  assert.equal(checked, 128);
  assert.ok(found.total > 45 && found.total < 83, `${found.total} of the second half`);
});

test('pictures that cannot be read are passed over', () => {
  const samples = new SampleCheck(half);
  const picture = syntheticJpeg(64, 48);
  const layout = walkJpeg(picture);
  assert.ok(typeof layout === 'object');
  samples.offer(picture, { ...layout, sof: 0xc2 });
  assert.equal(samples.run(SYSTEM_CLOCK).checked, 0);
});
