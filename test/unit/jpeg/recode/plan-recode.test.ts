import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JpegComponent, JpegLayout } from '../../../../src/jpeg/layout.ts';
import { planRecode, type RecodePlan, recodeRooms } from '../../../../src/jpeg/recode/plan-recode.ts';

/** Four tables of 64 elements: numbers 0 and 3 alike, 1 and 2 unlike all others. */
const BYTES = Uint8Array.from([7, 8, 9, 7], (value) => value).reduce(
  (bytes, value, id) => bytes.fill(value, 64 * id, 64 * (id + 1)),
  new Uint8Array(256),
);

const Y: JpegComponent = { id: 1, h: 2, v: 1, tq: 0 };
const CB: JpegComponent = { id: 2, h: 1, v: 1, tq: 1 };
const CR: JpegComponent = { id: 3, h: 1, v: 1, tq: 1 };

/** 4:2:2 with standard tables: what RTP can carry as it is. */
const USUAL: JpegLayout = {
  sof: 0xc0,
  precision: 8,
  width: 640,
  height: 480,
  components: [Y, CB, CR],
  quantTables: [0, 1, 2, 3].map((id) => ({ offset: 64 * id, bits: 8 })),
  huffman: 'standard',
  restartInterval: 0,
  scan: [
    { id: 1, dc: 0, ac: 0 },
    { id: 2, dc: 1, ac: 1 },
    { id: 3, dc: 1, ac: 1 },
  ],
  sosStart: 300,
  scanStart: 314,
  scanEnd: 50_314,
};
const GRAY: JpegLayout = { ...USUAL, components: [Y], scan: USUAL.scan.slice(0, 1) };

const keep = (layout: JpegLayout) => planRecode(layout, BYTES, { restartMarkers: 'keep' });
const strip = (layout: JpegLayout) => planRecode(layout, BYTES, { restartMarkers: 'strip' });

function planned(plan: ReturnType<typeof planRecode>): RecodePlan {
  if (typeof plan === 'string') assert.fail(plan);
  return plan;
}

const sampled = (y: [number, number], chroma: [number, number]): JpegLayout => ({
  ...USUAL,
  components: [
    { ...Y, h: y[0], v: y[1] },
    { ...CB, h: chroma[0], v: chroma[1] },
    { ...CR, h: chroma[0], v: chroma[1] },
  ],
});

test('planRecode says not_needed when a picture is as RTP wants it', () => {
  assert.equal(keep(USUAL), 'not_needed');
  assert.equal(keep({ ...USUAL, huffman: 'absent' }), 'not_needed');
  assert.equal(keep({ ...USUAL, restartInterval: 4 }), 'not_needed');
  assert.equal(strip(USUAL), 'not_needed');
});

test('planRecode plans the standard tables when a picture has others', () => {
  const { sampling, isRegrouped, restartInterval } = planned(keep({ ...USUAL, huffman: 'other', restartInterval: 4 }));
  assert.deepEqual(
    { sampling, isRegrouped, restartInterval },
    { sampling: '4:2:2', isRegrouped: false, restartInterval: 4 },
  );
});

test('planRecode plans when standard tables are used otherwise than number 0 for Y and 1 for chroma', () => {
  planned(keep({ ...USUAL, scan: USUAL.scan.map(({ id }) => ({ id, dc: 0, ac: 0 })) }));
});

test('planRecode plans a scan without restart markers when it shall strip them', () => {
  assert.equal(planned(strip({ ...USUAL, restartInterval: 4 })).restartInterval, 0);
});

test('planRecode plans 4:2:0 with its own quantisation table twice when a picture is grayscale', () => {
  const plan = planned(keep({ ...GRAY, restartInterval: 4 }));
  assert.deepEqual([plan.sampling, plan.isRegrouped, plan.restartInterval], ['4:2:0', true, 0]);
  assert.deepEqual([plan.lumaTableAt, plan.chromaTableAt], [0, 0]);
});

for (const [y, chroma, sampling] of [
  [[2, 2], [1, 2], '4:2:2'],
  [[4, 1], [2, 1], '4:2:2'],
] as const) {
  test(`planRecode regroups Y ${y.join('x')} with chroma ${chroma.join('x')} into the MCUs of ${sampling} [RFC2435 §4.1]`, () => {
    const plan = planned(keep(sampled([...y], [...chroma])));
    assert.deepEqual([plan.sampling, plan.isRegrouped], [sampling, true]);
  });
}

test('planRecode names the tables that the frame header names, whatever their numbers', () => {
  const components = [
    { ...Y, tq: 2 },
    { ...CB, tq: 0 },
    { ...CR, tq: 3 },
  ];
  const plan = planned(keep({ ...USUAL, components, huffman: 'other' }));
  assert.deepEqual([plan.lumaTableAt, plan.chromaTableAt], [128, 0]);
});

test('planRecode asks for twice the scan and a byte for each block', () => {
  const { capacityBytes } = planned(keep({ ...USUAL, huffman: 'other' }));
  const blocks = 2 * (640 / 8) * (480 / 8);
  assert.ok(capacityBytes >= 2 * 50_000 + blocks && capacityBytes < 2 * 50_000 + blocks + 4096);
});

test('planRecode asks for no more than a short scan can hold, however large the picture says it is', () => {
  const plan = planned(keep({ ...USUAL, huffman: 'other', width: 65_535, height: 65_535, scanEnd: 414 }));
  assert.ok(plan.capacityBytes < 4096);
});

const refusals: readonly (readonly [reason: string, when: string, layout: JpegLayout])[] = [
  ['not_sequential', 'it is progressive', { ...USUAL, sof: 0xc2 }],
  ['not_sequential', 'it is coded arithmetically', { ...USUAL, sof: 0xc9 }],
  ['twelve_bit', 'its samples have 12 bits', { ...USUAL, sof: 0xc1, precision: 12 }],
  ['no_size', 'its height comes with DNL [T.81 §B.2.5]', { ...USUAL, height: 0 }],
  ['scan_empty', 'there is nothing in its scan', { ...USUAL, scanEnd: USUAL.scanStart }],
  ['several_scans', 'its first scan has one component of three', { ...USUAL, scan: GRAY.scan }],
  ['scan_order', 'its scan has the components in another order', { ...USUAL, scan: USUAL.scan.toReversed() }],
  ['huffman_selectors', 'its scan names a fifth table', { ...GRAY, scan: [{ id: 1, dc: 4, ac: 0 }] }],
  ['cmyk', 'it has four components', { ...USUAL, components: [Y, CB, CR, CR], scan: [...USUAL.scan, USUAL.scan[2]!] }],
  ['subsampling', 'it is 4:4:4', sampled([1, 1], [1, 1])],
  ['subsampling', 'it is 4:4:0', sampled([1, 2], [1, 1])],
  ['subsampling', 'it is 4:1:1', sampled([4, 1], [1, 1])],
  ['subsampling', 'Cb and Cr are sampled differently', { ...USUAL, components: [Y, CB, { ...CR, v: 2 }] }],
  ['subsampling', 'its MCUs have more than ten blocks', sampled([4, 2], [2, 2])],
  ['subsampling', 'a sampling factor is 0', sampled([0, 1], [0, 1])],
  ['table_missing', 'a table was not defined', { ...USUAL, quantTables: [] }],
  [
    'table_16_bit',
    'a table has 16 bits',
    { ...USUAL, quantTables: [0, 1].map((id) => ({ offset: 64 * id, bits: 16 })) },
  ],
  ['chroma_tables_differ', 'Cb and Cr have unlike tables', { ...USUAL, components: [Y, CB, { ...CR, tq: 2 }] }],
];

for (const [reason, when, layout] of refusals) {
  test(`planRecode refuses a picture as ${reason} when ${when}`, () => {
    assert.equal(keep({ ...layout, huffman: 'other' }), reason);
  });
}

test('a second try has four times the room, as far as RTP could carry the scan', () => {
  assert.deepEqual(recodeRooms({ capacityBytes: 1000 }), [1000, 4000]);
  const [, most = 0] = recodeRooms({ capacityBytes: 5e6 });
  assert.ok(most >= 2 ** 24 && most < 2 ** 24 + 4096);
  assert.deepEqual(recodeRooms({ capacityBytes: 2e7 }), [2e7]);
});
