import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JpegLayout } from '../../../../src/jpeg/layout.ts';
import { planRecode, type RecodeWish } from '../../../../src/jpeg/recode/plan-recode.ts';
import { recodeJpeg } from '../../../../src/jpeg/recode/recode-jpeg.ts';
import { walkJpeg } from '../../../../src/jpeg/walk.ts';
import {
  type Block,
  type Coding,
  type CoefficientPicture,
  decodeCoefficients,
  encodeCoefficients,
  type SourceTable,
  STANDARD_SELECTORS,
  standardCoding,
} from '../../../support/coefficient-jpeg.ts';
import { syntheticJpeg } from '../../../support/jpegs.ts';
import { withoutDht } from '../../../support/mjpeg-pictures.ts';

// --- pictures --------------------------------------------------------------------------------------------------------

const block = (dc: number, ...ac: readonly number[]): Block => [
  dc,
  ...ac,
  ...new Array<number>(63 - ac.length).fill(0),
];
const FULL = block(5, ...new Array<number>(63).fill(1));

/** 4:2:2, as many MCUs in a row as there are blocks; each MCU is made of its block alone. */
function rowOf(...blocks: readonly Block[]): CoefficientPicture {
  const plane = (h: number) => ({ h, v: 1, rows: [blocks.flatMap((one) => new Array<Block>(h).fill(one))] });
  return { width: 16 * blocks.length, height: 8, planes: [plane(2), plane(1), plane(1)] };
}

const PICTURE = rowOf(block(9, 1, 0, -2), block(-30, 4), block(0), FULL, block(100, 0, 0, 1), block(99));

/** All codes of 8 bits; the symbols that a test writes, in the order of their codes, and then those that it reads. */
function tablesOf(dc: readonly number[], ac: readonly number[]): SourceTable[] {
  const table = (tableClass: 0 | 1, values: readonly number[]): SourceTable => ({
    tableClass,
    id: 0,
    counts: Uint8Array.from({ length: 16 }, (_, i) => (i === 7 ? values.length : 0)),
    values: Uint8Array.from(values),
  });
  return [table(0, dc), table(1, ac)];
}

/** DC symbols of all sizes that PICTURE has. */
const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8];

const ONE_TABLE = STANDARD_SELECTORS.map(() => ({ dc: 0, ac: 0 }));
const own = (dc: readonly number[], ac: readonly number[]): Coding => ({
  restartInterval: 0,
  tables: tablesOf(dc, ac),
  selectors: ONE_TABLE,
});

// --- what is done with them ------------------------------------------------------------------------------------------

function layoutOf(bytes: Uint8Array): JpegLayout {
  const layout = walkJpeg(bytes);
  if (typeof layout === 'string') assert.fail(layout);
  return layout;
}

/** Coded anew although it may have the standard tables already. */
function recode(bytes: Uint8Array, restartMarkers: RecodeWish['restartMarkers'] = 'keep', room?: number) {
  const layout = layoutOf(bytes);
  const plan = planRecode({ ...layout, huffman: 'other' }, bytes, { restartMarkers });
  if (typeof plan === 'string') assert.fail(plan);
  const out = new Uint8Array(room ?? 8 * plan.capacityBytes);
  const outcome = recodeJpeg(bytes, layout, plan, out);
  return typeof outcome === 'string' ? outcome : out.subarray(0, outcome);
}

function recoded(bytes: Uint8Array, restartMarkers: RecodeWish['restartMarkers'] = 'keep'): Uint8Array {
  const outcome = recode(bytes, restartMarkers);
  if (typeof outcome === 'string') assert.fail(outcome);
  return outcome;
}

const scanOf = (bytes: Uint8Array): Uint8Array => {
  const { scanStart, scanEnd } = layoutOf(bytes);
  return Uint8Array.from(bytes.subarray(scanStart, scanEnd));
};

/** The head of one picture with the scan of another. */
const grafted = (head: Uint8Array, scan: Uint8Array | readonly number[]): Uint8Array =>
  Uint8Array.of(...head.subarray(0, layoutOf(head).scanStart), ...scan, 0xff, 0xd9);

/** Where the n-th restart marker stands. */
function restartAt(bytes: Uint8Array, n: number): number {
  let at = layoutOf(bytes).scanStart;
  for (let found = 0; at < bytes.length; at++) {
    const isRestart = bytes[at] === 0xff && bytes[at + 1]! >= 0xd0 && bytes[at + 1]! <= 0xd7;
    if (isRestart && found++ === n) return at;
  }
  return assert.fail('no such marker');
}

const without = (bytes: Uint8Array, at: number, count: number): Uint8Array =>
  Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + count));
const inserted = (bytes: Uint8Array, at: number, ...more: readonly number[]): Uint8Array =>
  Uint8Array.of(...bytes.subarray(0, at), ...more, ...bytes.subarray(at));

// --- what comes out --------------------------------------------------------------------------------------------------

test('recodeJpeg leaves the scan as it is when the tables are the standard ones', () => {
  for (const bytes of [syntheticJpeg(160, 120), encodeCoefficients(PICTURE, standardCoding())]) {
    assert.deepEqual(scanOf(recoded(bytes)), scanOf(bytes));
  }
});

test('recodeJpeg leaves the scan as it is when restart markers are to stay', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding(1));
  assert.deepEqual(scanOf(recoded(bytes)), scanOf(bytes));
  assert.equal(layoutOf(recoded(bytes)).restartInterval, 1);
});

test('recodeJpeg gives the scan that would have been without restart markers when it strips them', () => {
  for (const interval of [1, 2, 4, 5, 6, 1000]) {
    const after = recoded(encodeCoefficients(PICTURE, standardCoding(interval)), 'strip');
    assert.equal(layoutOf(after).restartInterval, 0);
    assert.deepEqual(scanOf(after), scanOf(encodeCoefficients(PICTURE, standardCoding())));
  }
});

test('recodeJpeg goes on counting restart markers from 0 after 7 [T.81 §B.2.1]', () => {
  const picture = rowOf(...Array.from({ length: 20 }, (_, i) => block(i)));
  const bytes = encodeCoefficients(picture, standardCoding(1));
  assert.deepEqual(scanOf(recoded(bytes)), scanOf(bytes));
});

test('recodeJpeg takes the standard tables for those that are missing', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding());
  assert.deepEqual(recoded(withoutDht(bytes)), recoded(bytes));
});

test('recodeJpeg uses the last definition of a table', () => {
  const coding = own(SIZES, [0x00, 0x01, 0x13, 0x12, 0x11, 0x02, 0x03, 0x21]);
  const bytes = encodeCoefficients(PICTURE, coding);
  const overruled = tablesOf([11, 10], [0xf0, 0xf1]);
  const twice = grafted(headWith([...overruled, ...coding.tables]), scanOf(bytes));
  assert.deepEqual(recoded(twice), recoded(bytes));
});

/** The head of PICTURE with these tables, of which several may have one number. */
function headWith(tables: readonly SourceTable[]): Uint8Array {
  const bytes = encodeCoefficients(PICTURE, standardCoding());
  const bare = withoutDht(bytes);
  const segments = tables.flatMap(({ tableClass, id, counts, values }) => {
    const length = 2 + 17 + values.length;
    return [0xff, 0xc4, length >> 8, length & 255, (tableClass << 4) | id, ...counts, ...values];
  });
  const head = inserted(bare, layoutOf(bare).sosStart, ...segments);
  const { scanStart } = layoutOf(head);
  for (const i of [0, 1, 2]) head[scanStart - 8 + 2 * i] = 0;
  return head;
}

test('recodeJpeg keeps the quantisation tables', () => {
  const before = encodeCoefficients(PICTURE, standardCoding());
  const after = recoded(before);
  for (const i of [0, 1, 2]) {
    const tableOf = (bytes: Uint8Array) => {
      const { components, quantTables } = layoutOf(bytes);
      const { offset } = quantTables[components[i]!.tq]!;
      return bytes.subarray(offset, offset + 64);
    };
    assert.deepEqual(tableOf(after), tableOf(before));
  }
});

test('recodeJpeg gives grayscale of an odd number of blocks the DC of the neighbour beyond its edge', () => {
  const rows = [1, 2, 3].map((row) => [1, 2, 3].map((column) => block(10 * row + column)));
  const picture: CoefficientPicture = { width: 24, height: 24, planes: [{ h: 1, v: 1, rows }] };
  const coding = { ...standardCoding(), selectors: [{ dc: 0, ac: 0 }] };
  const after = decodeCoefficients(recoded(encodeCoefficients(picture, coding)));
  assert.deepEqual([after.width, after.height], [24, 24]);
  assert.deepEqual(
    after.planes[0]!.rows.map((row) => row.map(([dc]) => dc)),
    [
      [11, 12, 13, 13],
      [21, 22, 23, 23],
      [31, 32, 33, 33],
      [32, 32, 33, 33],
    ],
  );
});

test('recodeJpeg reads from shared memory and writes into shared memory', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding(2));
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 10), 10);
  shared.set(bytes);
  const layout = layoutOf(shared);
  const plan = planRecode(layout, shared, { restartMarkers: 'strip' });
  if (typeof plan === 'string') assert.fail(plan);
  const out = new Uint8Array(new SharedArrayBuffer(plan.capacityBytes + 20), 20);
  const length = recodeJpeg(shared, layout, plan, out);
  if (typeof length === 'string') assert.fail(length);
  assert.deepEqual(Uint8Array.from(out.subarray(0, length)), recoded(bytes, 'strip'));
});

// --- what is let pass ------------------------------------------------------------------------------------------------

test('recodeJpeg pays no heed to bytes behind the last MCU', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding(2));
  const { scanEnd } = layoutOf(bytes);
  for (const more of [[0x00, 0x12], [0xff, 0xd2], [0xff, 0xff, 0xff], [0xff]]) {
    assert.deepEqual(recoded(inserted(bytes, scanEnd, ...more)), recoded(bytes));
  }
});

test('recodeJpeg goes past fill bytes before a restart marker [T.81 §B.1.1.2]', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding(2));
  const filled = inserted(bytes, restartAt(bytes, 1), 0xff, 0xff, 0xff, 0xff, 0xff);
  assert.deepEqual(recoded(filled), recoded(bytes));
});

test('recodeJpeg goes past a byte of 1-bits before a restart marker, with which some encoders pad needlessly', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding(2));
  assert.deepEqual(recoded(inserted(bytes, restartAt(bytes, 0), 0xff, 0x00)), recoded(bytes));
});

// --- what is not -----------------------------------------------------------------------------------------------------

test('recodeJpeg reports bad_code when bits are no code of the table', () => {
  const head = encodeCoefficients(rowOf(block(0)), own(SIZES, [0x00, 0x01]));
  assert.equal(recode(grafted(head, [0xfe, 0xfe, 0xfe, 0xfe])), 'bad_code');
});

for (const [what, dc, ac] of [
  ['a DC difference of 12 bits', [0, 12], [0x00]],
  ['a coefficient of 11 bits', [0, 4], [0x00, 0x0b]],
  ['a run of zeroes and nothing behind it', [0, 4], [0x00, 0x10]],
] as const) {
  test(`recodeJpeg reports no_standard_code when a block has ${what}`, () => {
    const scan = scanOf(encodeCoefficients(rowOf(block(9, 1)), own([0, 4], [0x00, 0x01])));
    const head = encodeCoefficients(rowOf(block(0)), own([...dc], [...ac]));
    assert.equal(recode(grafted(head, scan)), 'no_standard_code');
  });
}

test('recodeJpeg reports block_overflow when a run goes beyond the 64th coefficient', () => {
  const scan = scanOf(encodeCoefficients(rowOf(FULL), own(SIZES, [0x00, 0x01])));
  const head = encodeCoefficients(rowOf(block(0)), own(SIZES, [0x00, 0x41]));
  assert.equal(recode(grafted(head, scan)), 'block_overflow');
});

test('recodeJpeg reports dc_overflow when blocks that become neighbours differ by more than 11 bits', () => {
  const bytes = encodeCoefficients(rowOf(block(2000), block(-2000)), standardCoding(1));
  assert.equal(recode(bytes, 'strip'), 'dc_overflow');
  assert.equal(typeof recode(bytes, 'keep'), 'object');
});

test('recodeJpeg reports misplaced_marker when a marker stands within an interval', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding(3));
  const { scanStart } = layoutOf(bytes);
  for (const marker of [0xd0, 0xc4]) {
    assert.equal(recode(inserted(bytes, scanStart + 2, 0xff, marker)), 'misplaced_marker');
  }
});

test('recodeJpeg reports restart_missing when an interval is followed by data', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding(2));
  assert.equal(recode(without(bytes, restartAt(bytes, 0), 2)), 'restart_missing');
  assert.equal(recode(inserted(bytes, restartAt(bytes, 0), 0x12)), 'restart_missing');
  assert.equal(recode(inserted(bytes, restartAt(bytes, 0), 0xff, 0x00, 0xff, 0x00)), 'restart_missing');
});

test('recodeJpeg reports restart_missing when the picture ends after an interval that is not the last', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding(2));
  assert.equal(recode(Uint8Array.of(...bytes.subarray(0, restartAt(bytes, 1)), 0xff, 0xd9)), 'restart_missing');
});

test('recodeJpeg reports restart_out_of_order when a restart marker has another number', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding(2));
  bytes[restartAt(bytes, 1) + 1] = 0xd2;
  assert.equal(recode(bytes), 'restart_out_of_order');
});

test('recodeJpeg reports scan_too_short wherever the scan is cut', () => {
  const bytes = encodeCoefficients(rowOf(block(9, 1000), block(7, 2)), standardCoding());
  const { scanStart, scanEnd } = layoutOf(bytes);
  assert.ok(scanOf(bytes).includes(0xff), 'also between 0xFF and its stuffing');
  for (let end = scanStart + 1; end < scanEnd; end++) {
    assert.equal(recode(Uint8Array.of(...bytes.subarray(0, end), 0xff, 0xd9)), 'scan_too_short');
  }
});

test('recodeJpeg reports huffman_table_missing when the scan names a table that no segment defines', () => {
  const bytes = encodeCoefficients(PICTURE, standardCoding());
  bytes[layoutOf(bytes).scanStart - 8] = 0x22;
  assert.equal(recode(bytes), 'huffman_table_missing');
});

test('recodeJpeg reports bad_huffman_table when a table has more codes than its lengths can tell apart', () => {
  const crowded: SourceTable = {
    tableClass: 0,
    id: 0,
    counts: Uint8Array.of(3, ...new Array<number>(15).fill(0)),
    values: Uint8Array.of(0, 1, 2),
  };
  assert.equal(recode(headWith([crowded])), 'bad_huffman_table');
});

test('recodeJpeg reports output_full when the buffer is short, and stays within it', () => {
  const bytes = encodeCoefficients(rowOf(FULL, FULL, FULL), standardCoding());
  for (const room of [0, 100, 700, 1000]) assert.equal(recode(bytes, 'keep', room), 'output_full');
});
