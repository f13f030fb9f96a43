import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { walkJpeg } from '../../src/jpeg/walk.ts';
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
      },
    ),
    { numRuns: 5000 },
  );
});
