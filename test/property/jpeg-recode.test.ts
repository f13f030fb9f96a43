import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JpegLayout } from '../../src/jpeg/layout.ts';
import { planRecode, type RecodePlan, type RecodeWish } from '../../src/jpeg/recode/plan-recode.ts';
import { recodeJpeg } from '../../src/jpeg/recode/recode-jpeg.ts';
import { walkJpeg } from '../../src/jpeg/walk.ts';
import { rtpJpegForm } from '../../src/rtp/jpeg-form.ts';
import {
  type Block,
  type Coding,
  type CoefficientPicture,
  type CoefficientPlane,
  decodeCoefficients,
  encodeCoefficients,
  mcuGrid,
  type SourceTable,
  visibleBlocks,
} from '../support/coefficient-jpeg.ts';

// --- pictures of any coefficients, coded with any tables -------------------------------------------------------------

const AC_SYMBOLS = [0x00, 0xf0, ...Array.from({ length: 160 }, (_, i) => (Math.floor(i / 10) << 4) | ((i % 10) + 1))];
const DC_SYMBOLS = Array.from({ length: 12 }, (_, i) => i);

/** Sampling factors of what can be sent, and of what can after regrouping. */
const SAMPLINGS: Readonly<Record<string, readonly [h: number, v: number, chromaH?: number, chromaV?: number]>> = {
  '4:2:0': [2, 2, 1, 1],
  '4:2:2': [2, 1, 1, 1],
  '4:2:2 of 16x16': [2, 2, 1, 2],
  '4:2:2 of 32x8': [4, 1, 2, 1],
  grayscale: [1, 1],
  'grayscale that says 2x2': [2, 2],
};

function samplingsOf(kind: string): { h: number; v: number }[] {
  const [h, v, chromaH = 0, chromaV = 0] = SAMPLINGS[kind]!;
  const chroma = { h: chromaH, v: chromaV };
  return chromaH === 0 ? [{ h, v }] : [{ h, v }, chroma, chroma];
}

/** Mostly small values, as in pictures, with all that 8-bit samples can have. */
const coefficient = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 2, arbitrary: fc.integer({ min: -127, max: 127 }) },
  { weight: 1, arbitrary: fc.integer({ min: -1023, max: 1023 }) },
);
const sparse = fc.array(fc.tuple(fc.integer({ min: 1, max: 63 }), coefficient), { maxLength: 12 });
const full = fc.array(coefficient, { minLength: 63, maxLength: 63 });
const ac = fc.oneof({ weight: 9, arbitrary: sparse.map((terms) => withTerms(terms)) }, { weight: 1, arbitrary: full });
const block: fc.Arbitrary<Block> = fc
  .tuple(fc.integer({ min: -1023, max: 1023 }), ac)
  .map(([dc, rest]) => [dc, ...rest]);

function withTerms(terms: readonly (readonly [number, number])[]): number[] {
  const values = new Array<number>(63).fill(0);
  for (const [k, value] of terms) values[k - 1] = value;
  return values;
}

/** Pictures whose blocks are drawn from a few, so that large ones cost little. */
const picture = (kind: string): fc.Arbitrary<CoefficientPicture> =>
  fc
    .record({
      width: fc.integer({ min: 1, max: 70 }),
      height: fc.integer({ min: 1, max: 70 }),
      blocks: fc.array(block, { minLength: 1, maxLength: 24 }),
      stride: fc.constantFrom(1, 3, 5, 7),
    })
    .map(({ width, height, blocks, stride }) => {
      const samplings = samplingsOf(kind);
      const grid = mcuGrid(width, height, samplings);
      const planes = samplings.map(({ h, v }, i): CoefficientPlane => {
        const counted = grid.samplings[i]!;
        const columns = grid.columns * counted.h;
        const blockAt = (at: number): Block => blocks[(at * stride + i) % blocks.length]!;
        const row = (_: unknown, y: number) => Array.from({ length: columns }, (_, x) => blockAt(y * columns + x));
        return { h, v, rows: Array.from({ length: grid.rows * counted.v }, row) };
      });
      return { width, height, planes };
    });

/** How many codes of each length: a few long ones make the others short. */
const AC_COUNTS = [
  [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
  [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 155],
  [0, 0, 0, 0, 0, 0, 0, 162, 0, 0, 0, 0, 0, 0, 0, 0],
  [1, 0, 0, 0, 0, 0, 0, 0, 0, 161, 0, 0, 0, 0, 0, 0],
];
const DC_COUNTS = [
  [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
  [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0],
  [0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12],
];

const table = (tableClass: 0 | 1, id: number): fc.Arbitrary<SourceTable> => {
  const symbols = tableClass === 0 ? DC_SYMBOLS : AC_SYMBOLS;
  return fc
    .record({
      counts: fc.constantFrom(...(tableClass === 0 ? DC_COUNTS : AC_COUNTS)),
      values: fc.shuffledSubarray(symbols, { minLength: symbols.length, maxLength: symbols.length }),
    })
    .map(({ counts, values }) => ({
      tableClass,
      id,
      counts: Uint8Array.from(counts),
      values: Uint8Array.from(values),
    }));
};

const coding: fc.Arbitrary<Coding> = fc.record({
  restartInterval: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 12 })),
  tables: fc.tuple(...[0, 1, 2, 3].flatMap((id) => [table(0, id), table(1, id)])),
  selectors: fc.array(fc.record({ dc: fc.nat(3), ac: fc.nat(3) }), { minLength: 3, maxLength: 3 }),
});

// --- what must hold --------------------------------------------------------------------------------------------------

function layoutOf(bytes: Uint8Array): JpegLayout {
  const layout = walkJpeg(bytes);
  if (typeof layout === 'string') throw new Error(layout);
  return layout;
}

function planOf(bytes: Uint8Array, restartMarkers: RecodeWish['restartMarkers']): RecodePlan {
  // The tables drawn may happen to be the standard ones.
  const plan = planRecode({ ...layoutOf(bytes), huffman: 'other' }, bytes, { restartMarkers });
  if (typeof plan === 'string') throw new Error(plan);
  return plan;
}

/** The new picture; the buffer is as large as it takes, as coefficients at random are no camera picture. */
function recoded(bytes: Uint8Array, restartMarkers: RecodeWish['restartMarkers']): Uint8Array {
  const out = new Uint8Array(64 * bytes.length + 4096);
  const length = recodeJpeg(bytes, layoutOf(bytes), planOf(bytes, restartMarkers), out);
  if (typeof length === 'string') throw new Error(length);
  return out.subarray(0, length);
}

for (const kind of ['4:2:0', '4:2:2', '4:2:2 of 16x16', '4:2:2 of 32x8']) {
  for (const restartMarkers of ['keep', 'strip'] as const) {
    test(`recodeJpeg keeps every coefficient of ${kind}, whatever the tables, when it shall ${restartMarkers} restart markers`, () => {
      fc.assert(
        fc.property(picture(kind), coding, (coefficients, how) => {
          const after = recoded(encodeCoefficients(coefficients, how), restartMarkers);
          assert.deepEqual(visibleBlocks(decodeCoefficients(after)), visibleBlocks(coefficients));
        }),
      );
    });
  }
}

for (const kind of ['grayscale', 'grayscale that says 2x2']) {
  test(`recodeJpeg keeps every coefficient of ${kind} and adds chroma that has none`, () => {
    fc.assert(
      fc.property(picture(kind), coding, (coefficients, how) => {
        const after = decodeCoefficients(recoded(encodeCoefficients(coefficients, how), 'keep'));
        const [luma, cb, cr] = after.planes;
        const before = visibleBlocks({ ...coefficients, planes: [{ ...coefficients.planes[0]!, h: 1, v: 1 }] });
        const luminance = visibleBlocks({ ...after, planes: [{ ...luma!, h: 1, v: 1 }] });
        assert.deepEqual(luminance, before);
        for (const value of [cb, cr].flatMap((plane) => plane!.rows.flat(2))) assert.equal(value, 0);
      }),
    );
  });
}

test('recodeJpeg makes pictures that RTP/JPEG can carry [RFC2435 §3]', () => {
  const any = fc.constantFrom(...Object.keys(SAMPLINGS)).chain(picture);
  fc.assert(
    fc.property(any, coding, fc.constantFrom('keep', 'strip'), (coefficients, how, restartMarkers) => {
      const after = recoded(encodeCoefficients(coefficients, how), restartMarkers);
      const layout = layoutOf(after);
      assert.equal(layout.huffman, 'standard');
      assert.equal(layout.scanEnd, after.length - 2);
      assert.equal(typeof rtpJpegForm(layout, after), 'object');
      assert.equal(planRecode(layout, after, { restartMarkers }), 'not_needed');
    }),
  );
});

test('recodeJpeg gives the same bytes again when its own picture is coded anew', () => {
  fc.assert(
    fc.property(picture('4:2:2'), coding, (coefficients, how) => {
      const once = recoded(encodeCoefficients(coefficients, how), 'keep');
      assert.deepEqual(recoded(once, 'keep'), once);
    }),
  );
});

// --- damaged pictures ------------------------------------------------------------------------------------------------

const GUARD = 0xa5;

/** Recode into a buffer of any size: no throw, nothing written behind it, and a picture or a reason. */
function assertSafe(bytes: Uint8Array, restartMarkers: RecodeWish['restartMarkers'], room: number): void {
  const layout = walkJpeg(bytes);
  if (typeof layout === 'string') return;
  const plan = planRecode({ ...layout, huffman: 'other' }, bytes, { restartMarkers });
  if (typeof plan === 'string') return;
  const memory = new Uint8Array(room + 64).fill(GUARD);
  const outcome = recodeJpeg(bytes, layout, plan, memory.subarray(0, room));
  assert.ok(memory.subarray(room).every((byte) => byte === GUARD));
  if (typeof outcome === 'string') {
    assert.match(outcome, /^[a-z_]+$/);
  } else {
    assert.ok(outcome <= room);
    assert.equal(layoutOf(memory.subarray(0, outcome)).huffman, 'standard');
  }
}

const damage = fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { minLength: 1, maxLength: 10 });

test('recodeJpeg never throws, never writes outside and ends, whatever happened to a picture', () => {
  const any = fc.constantFrom(...Object.keys(SAMPLINGS)).chain(picture);
  const how = fc.tuple(coding, fc.constantFrom('keep', 'strip'), fc.nat(20_000), fc.boolean());
  fc.assert(
    fc.property(any, how, damage, (coefficients, [how, restartMarkers, room, isScanOnly], mutations) => {
      const bytes = encodeCoefficients(coefficients, how);
      const { scanStart } = layoutOf(bytes);
      for (const { at, value } of mutations) {
        if (isScanOnly) bytes[scanStart + (at % (bytes.length - scanStart))] = value;
        else bytes[at % bytes.length] = value;
      }
      assertSafe(bytes, restartMarkers, room);
    }),
    { numRuns: 1500 },
  );
});

test('recodeJpeg never throws, never writes outside and ends, whatever the scan is made of', () => {
  const any = fc.constantFrom(...Object.keys(SAMPLINGS)).chain(picture);
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0xff, 0x00, 0xd0, 0xd1));
  const scan = fc.array(byte, { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(any, coding, scan, fc.constantFrom('keep', 'strip'), (coefficients, how, scan, restartMarkers) => {
      const bytes = encodeCoefficients(coefficients, how);
      const head = bytes.subarray(0, layoutOf(bytes).scanStart);
      assertSafe(Uint8Array.of(...head, ...scan, 0xff, 0xd9), restartMarkers, 20_000);
    }),
    { numRuns: 1500 },
  );
});
