import { test } from 'node:test';
import fc from 'fast-check';
import { readBoxHeader, readFragment } from '../../src/record/media/mp4-fragment.ts';

/** Boxes nested at random, with real types and bodies of noise: gets deeper than noise alone. */
const noiseBox: fc.Arbitrary<Uint8Array> = fc.letrec<{ box: Uint8Array }>((tie) => ({
  box: fc
    .record({
      type: fc.constantFrom('traf', 'tfhd', 'tfdt', 'trun', 'mfhd'),
      body: fc.oneof(
        { depthSize: 'small' },
        fc.uint8Array({ maxLength: 40 }),
        fc.array(tie('box'), { maxLength: 5 }).map((boxes) => Buffer.concat(boxes)),
      ),
    })
    .map(({ type, body }) => {
      const header = Buffer.alloc(8);
      header.writeUInt32BE(8 + body.length);
      header.write(type, 4, 'ascii');
      return Buffer.concat([header, body]);
    }),
})).box;

test('reading a fragment never throws, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), noiseBox), (bytes) => {
      readFragment(bytes);
      readBoxHeader(bytes, 0);
    }),
    { numRuns: 2000 },
  );
});
