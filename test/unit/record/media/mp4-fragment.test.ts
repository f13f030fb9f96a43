import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBoxHeader, readFragment } from '../../../../src/record/media/mp4-fragment.ts';
import { box, u32 } from '../../../support/mp4-boxes.ts';

const TFDT_64 = box('tfdt', u32(0x01000000, 1, 5)); // version 1: 2^32 + 5

test('fragment adds up the frames and times of its runs [ISO/IEC 14496-12 §8.8.8]', () => {
  const tfhd = box('tfhd', u32(0x020008, 1, 3000));
  const explicit = box('trun', u32(0x000301, 2, 100, /* duration, size */ 2900, 7, 3100, 8));
  const usual = box('trun', u32(0x000001, 3, 200));
  const moof = Buffer.concat([box('mfhd', u32(0, 1)), box('traf', tfhd, TFDT_64, explicit, usual)]);
  const first = 2 ** 32 + 5;
  assert.deepEqual(readFragment(moof), { frames: 5, firstTicks: first, lastTicks: first + 6000 + 6000 });
});

test('fragment reads the default duration behind other optional fields [ISO/IEC 14496-12 §8.8.7]', () => {
  const tfhd = box('tfhd', u32(0x00000b, 1, /* base offset */ 0, 0, /* description */ 1, /* duration */ 40));
  const tfdt = box('tfdt', u32(0, 1000));
  const moof = box('traf', tfhd, tfdt, box('trun', u32(0, 2)));
  assert.deepEqual(readFragment(moof), { frames: 2, firstTicks: 1000, lastTicks: 1040 });
});

test('fragment is refused when a run announces more samples than it has', () => {
  const moof = box('traf', box('tfhd', u32(0, 1)), TFDT_64, box('trun', u32(0x000100, 1000, 1)));
  assert.equal(readFragment(moof), undefined);
});

test('fragment is refused when it holds no frame', () => {
  assert.equal(readFragment(box('traf', box('tfhd', u32(0, 1)), TFDT_64)), undefined);
  assert.equal(readFragment(new Uint8Array(0)), undefined);
});

test('fragment is refused when its time cannot be counted exactly', () => {
  const tfdt = box('tfdt', u32(0x01000000, 0x00200000, 0)); // 2^53
  assert.equal(readFragment(box('traf', box('tfhd', u32(0, 1)), tfdt, box('trun', u32(0, 2)))), undefined);
});

test('box header reads short and long sizes, and none that cannot be [ISO/IEC 14496-12 §4.2]', () => {
  assert.deepEqual(readBoxHeader(box('moof', u32(0)), 0), { type: 'moof', size: 12, headerBytes: 8 });
  const long = Buffer.concat([u32(1), Buffer.from('mdat'), u32(1, 0)]);
  assert.deepEqual(readBoxHeader(long, 0), { type: 'mdat', size: 2 ** 32, headerBytes: 16 });
  assert.equal(readBoxHeader(long.subarray(0, 12), 0), undefined);
  assert.equal(readBoxHeader(u32(7, 0), 0), undefined);
  assert.equal(readBoxHeader(u32(12).subarray(0, 3), 0), undefined);
});
