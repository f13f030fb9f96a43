import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSizeFields, sizeBytes } from '../../../../src/record/media/mp4-size.ts';
import { box, u32 } from '../../../support/mp4-boxes.ts';

const PADDED = sizeBytes({ width: 1920, height: 1088 });

/** A track header of version 0 or 1: everything before the size is zero. */
const tkhd = (version: 0 | 1): Buffer =>
  box('tkhd', u32(version << 24), Buffer.alloc(version === 1 ? 84 : 72), PADDED.track);
const entry = (type: string): Buffer => box(type, Buffer.alloc(24), PADDED.entry, Buffer.alloc(50));
const moov = (version: 0 | 1, type = 'avc1'): Buffer =>
  Buffer.concat([
    box('mvhd', u32(0)),
    box('trak', tkhd(version), box('mdia', box('minf', box('stbl', box('stsd', u32(0, 1), entry(type)))))),
  ]);

for (const version of [0, 1] as const) {
  test(`size of a video is found in its track header of version ${version} and in its sample entry [ISO/IEC 14496-12 §8.3.2, §12.1.3]`, () => {
    const bytes = moov(version);
    const fields = findSizeFields(bytes)!;
    assert.deepEqual(bytes.subarray(fields.track, fields.track + 8), u32(1920 << 16, 1088 << 16));
    assert.deepEqual(bytes.subarray(fields.entry, fields.entry + 4), u32((1920 << 16) | 1088));
    assert.deepEqual(findSizeFields(Buffer.concat([Buffer.alloc(100), bytes]).subarray(100)), fields);
  });
}

test('size of a video is not found where there is no track of H.264', () => {
  assert.equal(findSizeFields(moov(0, 'mp4v')), undefined);
  assert.equal(findSizeFields(new Uint8Array()), undefined);
  const whole = moov(0);
  for (let length = 0; length < whole.length; length++)
    assert.equal(findSizeFields(whole.subarray(0, length)), undefined);
});
