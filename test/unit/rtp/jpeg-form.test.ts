import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JpegLayout } from '../../../src/jpeg/layout.ts';
import { type RtpJpegForm, type RtpJpegRefusal, rtpJpegForm } from '../../../src/rtp/jpeg-form.ts';

const BYTES = new Uint8Array(1000).fill(1);

/** A plain 4:2:0 picture of 640x480; each test changes what it is about. */
const PLAIN: JpegLayout = {
  sof: 0xc0,
  precision: 8,
  width: 640,
  height: 480,
  components: [
    { id: 1, h: 2, v: 2, tq: 0 },
    { id: 2, h: 1, v: 1, tq: 1 },
    { id: 3, h: 1, v: 1, tq: 1 },
  ],
  quantTables: [{ offset: 100, bits: 8 }, { offset: 200, bits: 8 }, undefined, undefined],
  huffman: 'standard',
  restartInterval: 0,
  scan: [
    { id: 1, dc: 0, ac: 0 },
    { id: 2, dc: 1, ac: 1 },
    { id: 3, dc: 1, ac: 1 },
  ],
  sosStart: 600,
  scanStart: 614,
  scanEnd: 998,
};

const refusal = (changes: Partial<JpegLayout>, bytes = BYTES): RtpJpegRefusal | RtpJpegForm =>
  rtpJpegForm({ ...PLAIN, ...changes }, bytes);

function form(changes: Partial<JpegLayout>, bytes = BYTES): RtpJpegForm {
  const decided = rtpJpegForm({ ...PLAIN, ...changes }, bytes);
  assert.ok(typeof decided === 'object', `refused: ${String(decided)}`);
  return decided;
}

const sampled = (...factors: [h: number, v: number][]): JpegLayout['components'] =>
  factors.map(([h, v], i) => ({ id: i + 1, h, v, tq: i === 0 ? 0 : 1 }));

const selectors = (...tq: number[]): JpegLayout['components'] =>
  PLAIN.components.map((component, i) => ({ ...component, tq: tq[i]! }));

test('4:2:0 is type 1, 4:2:2 is type 0 [RFC2435 §4.1]', () => {
  assert.equal(form({}).type, 1);
  assert.equal(form({ components: sampled([2, 1], [1, 1], [1, 1]) }).type, 0);
});

test('a restart interval adds 64 to the type and is carried [RFC2435 §3.1.3]', () => {
  assert.equal(form({ restartInterval: 40 }).type, 65);
  assert.equal(form({ restartInterval: 40, components: sampled([2, 1], [1, 1], [1, 1]) }).type, 64);
  assert.equal(form({ restartInterval: 40 }).restartInterval, 40);
});

test('sizes are rounded up to blocks of 8 [RFC2435 §3.1.5]', () => {
  const { width8, height8 } = form({ width: 1, height: 1081 });
  assert.deepEqual([width8, height8], [1, 136]);
});

test('up to 2040 pixels a side the packets say the size; beyond, both fields are 0 [RFC2435 §3.1.5, ONVIF Streaming]', () => {
  const limit = form({ width: 2040, height: 2040 });
  assert.deepEqual([limit.width8, limit.height8, limit.largeSize], [255, 255, undefined]);
  const wide = form({ width: 2041, height: 480 });
  assert.deepEqual([wide.width8, wide.height8, wide.largeSize], [0, 0, { width: 2041, height: 480 }]);
  const high = form({ width: 640, height: 65_535 });
  assert.deepEqual([high.width8, high.height8, high.largeSize], [0, 0, { width: 640, height: 65_535 }]);
});

test('an extended sequential picture of 8 bits is sent like a baseline one [T.81 table B.1]', () => {
  assert.equal(form({ sof: 0xc1 }).type, 1);
});

test('a missing DHT means the standard tables', () => {
  assert.equal(form({ huffman: 'absent' }).type, 1);
});

test('the tables are those that the frame header names, whatever their ids', () => {
  const quantTables = [undefined, { offset: 20, bits: 8 }, { offset: 100, bits: 8 }, { offset: 300, bits: 8 }] as const;
  const chosen = form({ quantTables, components: selectors(3, 1, 1) });
  assert.deepEqual([chosen.lumaTableAt, chosen.chromaTableAt], [300, 20]);
});

test('one table shared by luma and chroma is sent twice', () => {
  const chosen = form({ components: selectors(0, 0, 0) });
  assert.deepEqual([chosen.lumaTableAt, chosen.chromaTableAt], [100, 100]);
});

test('Cb and Cr may name different tables as long as these are equal', () => {
  const quantTables = [
    { offset: 100, bits: 8 },
    { offset: 200, bits: 8 },
    { offset: 300, bits: 8 },
    undefined,
  ] as const;
  const differing = BYTES.slice();
  differing[363] = 9;
  assert.equal(form({ quantTables, components: selectors(0, 1, 2) }).chromaTableAt, 200);
  assert.equal(refusal({ quantTables, components: selectors(0, 1, 2) }, differing), 'chroma_tables_differ');
});

test('a table that no DQT defined is refused', () => {
  assert.equal(refusal({ components: selectors(0, 2, 2) }), 'table_missing');
  assert.equal(refusal({ components: selectors(0, 9, 9) }), 'table_missing');
});

test('a table of 16 bits is refused: no receiver decodes it', () => {
  const quantTables = [{ offset: 100, bits: 16 }, { offset: 300, bits: 8 }, undefined, undefined] as const;
  assert.equal(refusal({ quantTables }), 'table_16_bit');
});

test('each coding process but the sequential Huffman one is refused by its name [T.81 table B.1]', () => {
  const expected: [sof: number, reason: RtpJpegRefusal][] = [
    [0xc2, 'progressive'],
    [0xc3, 'lossless'],
    [0xc5, 'hierarchical'],
    [0xc6, 'progressive'],
    [0xc7, 'lossless'],
    [0xc9, 'arithmetic'],
    [0xca, 'arithmetic'],
    [0xcb, 'arithmetic'],
    [0xcd, 'arithmetic'],
    [0xce, 'arithmetic'],
    [0xcf, 'arithmetic'],
  ];
  for (const [sof, reason] of expected) assert.equal(refusal({ sof }), reason, sof.toString(16));
});

test('twelve bits a sample are refused', () => {
  assert.equal(refusal({ sof: 0xc1, precision: 12 }), 'twelve_bit');
});

test('a picture in several scans is refused', () => {
  assert.equal(refusal({ scan: PLAIN.scan.slice(0, 1) }), 'several_scans');
});

test('one component is grayscale, two or four are no YCbCr', () => {
  const scan = (count: number) => Array.from({ length: count }, (_, i) => ({ id: i + 1, dc: 0, ac: 0 }));
  assert.equal(refusal({ components: sampled([1, 1]), scan: scan(1) }), 'grayscale');
  assert.equal(refusal({ components: sampled([1, 1], [1, 1]), scan: scan(2) }), 'cmyk');
  assert.equal(refusal({ components: sampled([1, 1], [1, 1], [1, 1], [1, 1]), scan: scan(4) }), 'cmyk');
});

test('every other subsampling is refused', () => {
  const others: [name: string, components: JpegLayout['components']][] = [
    ['4:4:4', sampled([1, 1], [1, 1], [1, 1])],
    ['4:4:0', sampled([1, 2], [1, 1], [1, 1])],
    ['4:1:1', sampled([4, 1], [1, 1], [1, 1])],
    ['4:2:2 in MCUs of 16x16', sampled([2, 2], [1, 2], [1, 2])],
    ['4:2:0 with blocks of another order', sampled([4, 4], [2, 2], [2, 2])],
    ['Cb unlike Cr', sampled([2, 2], [1, 1], [1, 2])],
  ];
  for (const [name, components] of others) assert.equal(refusal({ components }), 'subsampling', name);
});

test('Huffman tables of its own are refused', () => {
  assert.equal(refusal({ huffman: 'other' }), 'huffman');
});

test('a scan that assigns the tables otherwise is refused: receivers use 0 for Y and 1 for chroma', () => {
  const [y, cb, cr] = PLAIN.scan as [
    (typeof PLAIN.scan)[number],
    (typeof PLAIN.scan)[number],
    (typeof PLAIN.scan)[number],
  ];
  assert.equal(refusal({ scan: [y, { ...cb, ac: 0 }, cr] }), 'huffman_selectors');
  assert.equal(refusal({ scan: [{ ...y, dc: 1 }, cb, cr] }), 'huffman_selectors');
  assert.equal(refusal({ scan: [y, cr, cb] }), 'huffman_selectors');
});

test('a picture whose height comes later (DNL) is refused [T.81 §B.2.2]', () => {
  assert.equal(refusal({ height: 0 }), 'no_size');
});

test('an empty scan is refused', () => {
  assert.equal(refusal({ scanEnd: PLAIN.scanStart }), 'scan_empty');
});

test('a scan beyond the 24 bits of the fragment offset is refused [RFC2435 §3.1.2]', () => {
  assert.equal(form({ scanEnd: PLAIN.scanStart + 2 ** 24 - 1 }).type, 1);
  assert.equal(refusal({ scanEnd: PLAIN.scanStart + 2 ** 24 }), 'scan_too_long');
});
