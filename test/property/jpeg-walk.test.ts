import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endedLength, endPicture, SourceWalk } from '../../src/jpeg/source-walk.ts';
import { eoiAtEnd, walkJpeg } from '../../src/jpeg/walk.ts';
import { ffmpegJpegs, syntheticJpeg } from '../support/jpegs.ts';

/** Every offset that a layout names lies inside the picture, in order. */
function assertSane(bytes: Uint8Array): void {
  const layout = walkJpeg(bytes);
  if (typeof layout === 'string') return;
  assert.ok(
    layout.sosStart < layout.scanStart && layout.scanStart <= layout.scanEnd && layout.scanEnd <= bytes.length - 2,
  );
  for (const table of layout.quantTables)
    assert.ok(table === undefined || table.offset + 8 * table.bits <= bytes.length);
}

/** As a camera's picture, the first or the hundredth: with its EOI it is what the walk of a whole one finds. */
function assertEnded(bytes: Uint8Array): void {
  const used = new SourceWalk();
  for (let i = 0; i < 100; i++) used.walk(PICTURES[0]!);
  for (const layout of [new SourceWalk().walk(bytes), used.walk(bytes)]) {
    if (typeof layout === 'string') assert.equal(layout, walkJpeg(bytes));
    else {
      const ended = new Uint8Array(endedLength(layout));
      ended.set(bytes.subarray(0, layout.scanEnd));
      endPicture(ended, layout);
      assert.deepEqual(walkJpeg(ended, eoiAtEnd), layout);
    }
  }
}

test('the walk never throws and never points outside, whatever the bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => assertSane(Uint8Array.of(0xff, 0xd8, ...bytes))));
});

const PICTURES = [syntheticJpeg(), ffmpegJpegs(1, '64x48', ['-huffman', 'optimal']), ffmpegJpegs(1, '64x48', [])];
const mutation = fc.record({ at: fc.nat(), value: fc.nat(255) });

test('the walk never throws and never points outside, whatever happened to a real picture', () => {
  const cut = fc.option(fc.nat(), { nil: undefined });
  fc.assert(
    fc.property(
      fc.constantFrom(...PICTURES),
      fc.array(mutation, { maxLength: 12 }),
      cut,
      (picture, mutations, length) => {
        const bytes = picture.slice(0, length === undefined ? undefined : length % picture.length);
        for (const { at, value } of mutations) if (bytes.length > 0) bytes[at % Math.min(bytes.length, 700)] = value;
        assertSane(bytes);
        assertEnded(bytes);
      },
    ),
    { numRuns: 5000 },
  );
});

test('a picture ends at its first EOI whatever stands behind it, when a source has shown that it leaves something there', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...PICTURES),
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      (picture, junk, ends) => {
        const behind = Uint8Array.of(...junk, ...(ends ? [0xff, 0xd9] : []));
        const walk = new SourceWalk();
        for (let i = 0; i < 3; i++)
          assert.deepEqual(walk.walk(Uint8Array.of(...picture, ...behind)), walkJpeg(picture));
      },
    ),
  );
});

test('a picture without its EOI is whole, and none of which more is missing', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PICTURES), fc.integer({ min: 4, max: 400 }), (picture, missing) => {
      assert.deepEqual(new SourceWalk().walk(picture.subarray(0, -2)), walkJpeg(picture));
      assert.equal(typeof new SourceWalk().walk(picture.subarray(0, -missing)), 'string');
    }),
  );
});
