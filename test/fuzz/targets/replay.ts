import assert from 'node:assert/strict';
import { PictureBoundaries, type PictureSpan } from '../../../src/capture/replay/picture-boundaries.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { inputHash } from '../input-hash.ts';
import { joined, mutateManyTimes } from '../mutate-bytes.ts';
import { JpegMutator } from '../mutate-jpeg.ts';
import { Random } from '../random.ts';
import { ACCEPTED, type FuzzTarget } from '../target.ts';

/** Between pictures: padding, multipart text, and what looks like a beginning. */
const BETWEEN = ['', '\0\0\0', '\xff', '\xff\xff', '\xff\xd7', '--boundary\r\nContent-Type: image/jpeg\r\n\r\n'];

/** The splitter of .mjpeg files: pictures in order, none outside the file, and the same however the file is read. */
export const replayTarget: FuzzTarget = {
  name: 'replay',
  share: 0.3,
  reasons: ['no_picture'],
  open({ pictures }) {
    const mutator = new JpegMutator(pictures);
    return {
      make(random) {
        const parts: Uint8Array[] = [];
        for (let left = random.between(1, 5); left > 0; left--) {
          parts.push(random.oneIn(2) ? mutator.next(random) : random.pick(pictures));
          parts.push(Buffer.from(random.pick(BETWEEN), 'latin1'));
        }
        return random.oneIn(4) ? mutateManyTimes(joined(...parts), random) : joined(...parts);
      },
      check: checkFile,
    };
  },
};

function checkFile(file: Uint8Array): string {
  const spans = spansOf(file, () => file.length);
  let end = 0;
  for (const { offset, length } of spans) {
    assert.ok(offset >= end && length >= 2 && offset + length <= file.length, 'pictures overlap or lie outside');
    assert.deepEqual([file[offset], file[offset + 1]], [0xff, 0xd8], 'a picture does not begin with SOI');
    end = offset + length;
  }
  assert.deepEqual(spans.slice(0, 1), firstPicture(file) ?? spans.slice(0, 1));
  const random = new Random(inputHash(file));
  assert.deepEqual(
    spansOf(file, () => random.between(1, random.pick([1, 3, 300, 5000]))),
    spans,
  );
  const whole = spans.filter(
    ({ offset, length }) => typeof walkJpeg(file.subarray(offset, offset + length)) === 'object',
  );
  return whole.length > 0 ? ACCEPTED : 'no_picture';
}

/** Where the first picture lies, if nothing is odd about it: up to the first EOI that nothing else stands before. */
function firstPicture(file: Uint8Array): PictureSpan[] | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const offset = bytes.indexOf('ffd8', 0, 'hex');
  const layout = offset === -1 ? undefined : walkJpeg(file.subarray(offset));
  if (typeof layout !== 'object') return undefined;
  let at = offset + layout.scanStart;
  for (;;) {
    at = file.indexOf(0xff, at);
    const marker = file[at + 1];
    if (at === -1 || marker === undefined) return undefined;
    if (marker === 0xd9) return [{ offset, length: at + 2 - offset }];
    if (marker !== 0x00 && marker !== 0xff && (marker < 0xd0 || marker > 0xd7)) return undefined;
    at += marker === 0xff ? 1 : 2;
  }
}

function spansOf(file: Uint8Array, chunkBytes: () => number): PictureSpan[] {
  const boundaries = new PictureBoundaries();
  const spans: PictureSpan[] = [];
  for (let at = 0; at < file.length; ) {
    const end = at + chunkBytes();
    for (const span of boundaries.push(file.subarray(at, end))) spans.push(span);
    at = end;
  }
  return [...spans, ...boundaries.finish()];
}
