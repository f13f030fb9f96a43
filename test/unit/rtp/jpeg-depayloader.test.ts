import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { rtpTicks } from '../../../src/base/units.ts';
import { standardQuantTable } from '../../../src/jpeg/quant-tables.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { SILENT_SOURCE_US } from '../../../src/rtp/jpeg-depayloader.ts';
import { rtpJpegForm } from '../../../src/rtp/jpeg-form.ts';
import { JpegPayloader } from '../../../src/rtp/jpeg-payloader.ts';
import { REORDER_PACKETS, REORDER_US } from '../../../src/rtp/reorder-window.ts';
import { decodeLuma, ffmpegJpegs } from '../../support/jpegs.ts';
import { packetsOf } from '../../support/rtp-packets.ts';
import { packetOf, quantHeader, Reception } from '../../support/rtp-reception.ts';

const FRAME_TICKS = 3000;

/** Packets of whole frames: three a frame, with consecutive numbers. */
function frames(count: number, { sequence = 1000, ssrc = 7, timestamp = 90_000 } = {}): Uint8Array[] {
  return Array.from({ length: count * 3 }, (_, i) =>
    packetOf({
      ssrc,
      sequence: (sequence + i) & 0xffff,
      timestamp: rtpTicks(timestamp + Math.floor(i / 3) * FRAME_TICKS),
      offset: (i % 3) * 2,
      marker: i % 3 === 2,
      scan: [i, i],
    }),
  );
}

const without = <T>(items: readonly T[], ...indices: readonly number[]): T[] =>
  items.filter((_, i) => !indices.includes(i));

/** The two tables of a received picture. */
function tablesOf({ pictures }: Reception, i = 0): [Uint8Array, Uint8Array] {
  const { bytes, layout } = pictures[i]!;
  const [luma, chroma] = [layout.quantTables[0]!.offset, layout.quantTables[1]!.offset];
  return [bytes.subarray(luma, luma + 64), bytes.subarray(chroma, chroma + 64)];
}

test('a frame of several packets is one JPEG, from SOI to EOI, that libjpeg and ffmpeg read', () => {
  const jpeg = ffmpegJpegs(1, '320x240', ['-huffman', 'default', '-q:v', '4']);
  const form = rtpJpegForm(walkJpeg(jpeg) as never, jpeg);
  assert.ok(typeof form === 'object');
  const payloader = new JpegPayloader({ ssrc: 7, firstSequence: 1, packetBytes: 600 });
  const reception = new Reception().take(...packetsOf(payloader.packetize(form, jpeg, rtpTicks(1)), jpeg));
  const { bytes } = reception.pictures[0]!;
  execFileSync('djpeg', ['-fast'], { input: bytes, stdio: ['pipe', 'ignore', 'pipe'] });
  assert.deepEqual(decodeLuma(bytes, 320, 240), decodeLuma(jpeg, 320, 240));
});

test('a picture has the type’s sampling: 4:2:2 for 0, 4:2:0 for 1 [RFC2435 §4.1]', () => {
  for (const [type, v] of [
    [0, 1],
    [1, 2],
  ] as const) {
    const { layout } = new Reception().take(packetOf({ type })).pictures[0]!;
    assert.deepEqual(layout.components[0], { id: 1, h: 2, v, tq: 0 });
    assert.deepEqual([layout.sof, layout.huffman, layout.restartInterval], [0xc0, 'standard', 0]);
  }
});

test('types 64 and 65 carry the restart interval into a DRI segment [RFC2435 §3.1.7]', () => {
  for (const type of [64, 65]) {
    const packet = packetOf({ type, restart: [0, 80, 0xff, 0xff], scan: [5, 6] });
    const reception = new Reception().take(packet);
    assert.equal(reception.pictures[0]?.layout.restartInterval, 80);
    assert.deepEqual(reception.scans, [[5, 6]]);
  }
});

test('Q of 1 to 99 stands for the scaled example tables [RFC2435 §4.2]', () => {
  for (const q of [1, 50, 99]) {
    const [luma, chroma] = tablesOf(new Reception().take(packetOf({ q })));
    assert.deepEqual(luma, standardQuantTable('luminance', q));
    assert.deepEqual(chroma, standardQuantTable('chrominance', q));
  }
});

test('Q of 128 to 254 remembers the tables sent for it, each Q its own, and follows when they change [RFC2435 §4.2]', () => {
  const reception = new Reception();
  const send = (sequence: number, q: number, quant: number[]): void => {
    reception.take(packetOf({ sequence, timestamp: sequence * FRAME_TICKS, q, quant }));
  };
  send(1, 128, quantHeader(3, 4));
  send(2, 254, quantHeader(5, 6));
  send(3, 128, quantHeader());
  send(4, 254, quantHeader());
  send(5, 128, quantHeader(7, 8));
  send(6, 128, quantHeader());
  const seen = reception.pictures.map((_, i) => tablesOf(reception, i).map((table) => table[63]));
  assert.deepEqual(seen, [
    [3, 4],
    [5, 6],
    [3, 4],
    [5, 6],
    [7, 8],
    [7, 8],
  ]);
});

test('tables that one source sent are not those of another one', () => {
  const reception = new Reception().take(packetOf({ ssrc: 1, q: 128, quant: quantHeader(3, 4) }));
  reception.pass(SILENT_SOURCE_US / 1000).take(packetOf({ ssrc: 2, q: 128, quant: quantHeader() }));
  assert.equal(reception.counts.refused.of('tables_unknown'), 1);
});

test('one table is taken for luma and chroma, and of three the first two when the third is like the second', () => {
  const one = tablesOf(new Reception().take(packetOf({ q: 255, quant: quantHeader(9) })));
  assert.deepEqual([one[0][0], one[1][0]], [9, 9]);
  const three = tablesOf(new Reception().take(packetOf({ q: 255, quant: quantHeader(3, 4, 4) })));
  assert.deepEqual([three[0][0], three[1][0]], [3, 4]);
});

test('the size is that of the packets, rounded up to 8, unless the description has the exact one', () => {
  const packet = packetOf({ width8: 42, height8: 32 });
  const sizeWith = (size?: { width: number; height: number }) => {
    const { layout } = new Reception({ size }).take(packet).pictures[0]!;
    return [layout.width, layout.height];
  };
  assert.deepEqual(sizeWith(), [336, 256]);
  assert.deepEqual(sizeWith({ width: 330, height: 250 }), [330, 250]);
  assert.deepEqual(sizeWith({ width: 640, height: 480 }), [336, 256], 'not the size of this stream');
});

test('a size of 0 by 0 is that of the description [RFC2435 §3.1.5]', () => {
  const size = { width: 2560, height: 1440 };
  const { layout } = new Reception({ size }).take(packetOf({ width8: 0, height8: 0 })).pictures[0]!;
  assert.deepEqual([layout.width, layout.height], [2560, 1440]);
});

const SOF = [0xff, 0xc0, 0, 17, 8, 0x05, 0xa0, 0x0a, 0, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];

test('a frame header in an ONVIF extension tells the size of pictures above 2040 pixels', () => {
  const extension = { profile: 0xffd8, bytes: SOF };
  const reception = new Reception().take(packetOf({ width8: 0, height8: 0, extension, scan: [8, 9] }));
  const { layout } = reception.pictures[0]!;
  assert.deepEqual([layout.width, layout.height], [2560, 1440]);
  assert.deepEqual(reception.scans, [[8, 9]]);
});

test('the components are named as in the frame header or scan header of an ONVIF extension', () => {
  const sof = SOF.map((byte, i) => (i === 10 || i === 13 || i === 16 ? byte + 80 : byte));
  const sos = [0xff, 0xda, 0, 12, 3, 7, 0x00, 8, 0x11, 9, 0x11, 0, 63, 0];
  for (const [bytes, ids] of [
    [sof, [81, 82, 83]],
    [sos, [7, 8, 9]],
  ] as const) {
    const { layout } = new Reception().take(packetOf({ extension: { profile: 0xffd8, bytes } })).pictures[0]!;
    assert.deepEqual(
      layout.components.map(({ id }) => id),
      ids,
    );
    assert.deepEqual(
      layout.scan.map(({ id }) => id),
      ids,
    );
  }
});

test('tables and restart interval in an ONVIF extension take precedence; Q is 0 then', () => {
  const dqt = [0, 1].flatMap((id) => [0xff, 0xdb, 0, 67, id, ...new Array<number>(64).fill(20 + id)]);
  const extension = { profile: 0xffd8, bytes: [...dqt, 0xff, 0xdd, 0, 4, 0, 12, ...SOF] };
  const reception = new Reception().take(packetOf({ q: 0, extension }));
  const { layout } = reception.pictures[0]!;
  assert.deepEqual([tablesOf(reception)[0][5], tablesOf(reception)[1][5], layout.restartInterval], [20, 21, 12]);
});

test('other header extensions, and an empty ONVIF one, are skipped by their length', () => {
  for (const extension of [
    { profile: 0xabac, bytes: [1, 2, 3, 4, 5, 6, 7, 8] },
    { profile: 0xffd8, bytes: [] },
    { profile: 0xffff, bytes: [] },
  ]) {
    assert.deepEqual(new Reception().take(packetOf({ extension, scan: [8, 9] })).scans, [[8, 9]]);
  }
});

test('EOI is added to a scan that lacks it, and not to one that has it [RFC2435 §3.1.9]', () => {
  const lengths = [
    [1, 2],
    [1, 2, 0xff, 0xd9],
    [1, 2, 0xff, 0xd9, 0xff, 0xd9],
  ].map((scan) => new Reception().take(packetOf({ scan })).pictures[0]!.bytes.length);
  assert.deepEqual(lengths, [lengths[0], lengths[0], lengths[0]]);
});

test('what has to last is copied out of the packets, also when these are Buffers, whose slice() copies nothing', () => {
  const memory = Buffer.alloc(2048);
  const reception = new Reception();
  const lend = (packet: Uint8Array): void => {
    memory.fill(0xee).set(packet);
    reception.depayloader.push(memory.subarray(0, packet.length), reception.now);
  };
  const [first, late, early, last] = [1, 2, 3, 4].map((sequence) =>
    packetOf({
      sequence,
      timestamp: sequence * FRAME_TICKS,
      q: 255,
      quant: quantHeader(sequence, 9),
      scan: [sequence],
    }),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  for (const packet of [first, early, late, last]) lend(packet);
  assert.deepEqual(reception.scans, [[1], [2], [3], [4]]);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => tablesOf(reception, i)[0][0]),
    [1, 2, 3, 4],
  );
});

const REFUSED: readonly (readonly [reason: string, parts: Parameters<typeof packetOf>[0]])[] = [
  ['type', { type: 2 }],
  ['type', { type: 128 }],
  ['interlaced', { typeSpecific: 1 }],
  ['reserved_q', { q: 0 }],
  ['reserved_q', { q: 100 }],
  ['reserved_q', { q: 127 }],
  ['headers_cut', { q: 255, quant: [0, 0, 0], scan: [] }],
  ['headers_cut', { q: 255, quant: [0, 0, 0, 200], scan: [] }],
  ['headers_cut', { type: 64, restart: [0], scan: [] }],
  ['restart_interval', { type: 64, restart: [0, 0, 0xff, 0xff] }],
  ['tables_missing', { q: 255, quant: quantHeader() }],
  ['tables_unknown', { q: 200, quant: quantHeader() }],
  ['table_16_bit', { q: 255, quant: [0, 2, 0, 192, ...new Array<number>(192).fill(1)] }],
  ['table_length', { q: 255, quant: [0, 0, 0, 65, ...new Array<number>(65).fill(1)] }],
  ['chroma_tables_differ', { q: 255, quant: quantHeader(3, 4, 5) }],
  ['no_size', { width8: 0, height8: 0 }],
  ['scan_empty', { scan: [] }],
  ['scan_empty', { scan: [0xff, 0xd9] }],
  ['bad_offset', { offset: 10 }],
  ['bad_extension', { extension: { profile: 0xffd8, bytes: [0xff, 0xc2, 0, 4, 1, 1] } }],
  ['bad_extension', { extension: { profile: 0xffd8, bytes: [0xff, 0xdb, 0, 67, 0] } }],
  ['bad_extension', { extension: { profile: 0xffff, bytes: [0xff, 0xdb, 0, 3, 0] } }],
];
for (const [reason, parts] of REFUSED) {
  test(`a frame with ${JSON.stringify(parts).slice(0, 60)} is refused as ${reason}, and the next one comes`, () => {
    const good = (sequence: number) => packetOf({ sequence, timestamp: sequence * FRAME_TICKS });
    const bad = packetOf({ ...parts, sequence: 2, timestamp: 2 * FRAME_TICKS });
    const reception = new Reception().take(good(1), bad, good(3));
    assert.deepEqual(reception.counts.refused.toJSON(), { [reason]: 1 });
    assert.deepEqual(reception.timestamps, [FRAME_TICKS, 3 * FRAME_TICKS]);
    assert.equal(reception.counts.lost_frames, 0);
  });
}

test('bits of precision beyond the two tables mean nothing [RFC2435 §3.1.8]', () => {
  const quant = quantHeader(3, 4);
  quant[1] = 0b1111_1100;
  assert.equal(new Reception().take(packetOf({ q: 255, quant })).pictures.length, 1);
});

test('a frame whose packets do not fit together is refused once', () => {
  const start = { sequence: 1, marker: false, scan: [1, 2] };
  const next = { sequence: 2, offset: 2, scan: [3] };
  const cases: [string, object][] = [
    ['bad_offset', { ...next, offset: 3 }],
    ['inconsistent', { ...next, q: 51 }],
    ['inconsistent', { ...next, type: 0 }],
    ['inconsistent', { ...next, width8: 3 }],
    ['inconsistent', { ...next, type: 1, height8: 9 }],
  ];
  for (const [reason, parts] of cases) {
    const reception = new Reception().take(packetOf(start), packetOf({ ...parts, marker: false }));
    reception.take(packetOf({ sequence: 3, offset: 99 }));
    assert.deepEqual([reception.counts.refused.toJSON(), reception.pictures.length], [{ [reason]: 1 }, 0]);
  }
});

test('a frame that ends without a marker though nothing is lost is refused, not guessed', () => {
  const reception = new Reception().take(packetOf({ sequence: 1, marker: false }));
  reception.take(packetOf({ sequence: 2, timestamp: 93_000 }));
  assert.deepEqual(reception.counts.refused.toJSON(), { no_marker: 1 });
  assert.deepEqual(reception.timestamps, [93_000]);
});

test('a frame above the 2^24 bytes that offsets can count is refused, and memory stays bounded [RFC2435 §3.1.2]', () => {
  const reception = new Reception();
  const scan = new Uint8Array(60_000).fill(7);
  let sequence = 0;
  for (let offset = 0; offset < 2 ** 24; offset += scan.length) {
    reception.take(packetOf({ sequence: sequence++, marker: false, offset, scan }));
  }
  assert.deepEqual(reception.counts.refused.toJSON(), { too_large: 1 });
  reception.take(packetOf({ sequence: sequence++, offset: 2 ** 24 - 1 }), packetOf({ sequence, timestamp: 1 }));
  assert.deepEqual(reception.timestamps, [1]);
});

// What is lost

test('each missing packet of a frame loses that frame only, whichever it is', () => {
  for (const missing of [3, 4, 5]) {
    const reception = new Reception().take(...without(frames(3), missing)).end();
    assert.deepEqual(reception.timestamps, [90_000, 96_000], `packet ${missing}`);
    assert.deepEqual([reception.counts.lost_packets, reception.counts.lost_frames], [1, 1]);
  }
});

test('a hole over the end of one frame and the beginning of the next loses both', () => {
  const reception = new Reception().take(...without(frames(4), 5, 6)).end();
  assert.deepEqual(reception.timestamps, [90_000, 99_000]);
  assert.deepEqual([reception.counts.lost_packets, reception.counts.lost_frames], [2, 2]);
});

test('frames that are lost with all their packets are counted by the step of the timestamps', () => {
  const reception = new Reception().take(...without(frames(6), 6, 7, 8, 9, 10, 11)).end();
  assert.deepEqual([reception.counts.lost_packets, reception.counts.lost_frames], [6, 2]);
});

test('torn frames on both sides of lost ones are counted once each', () => {
  const reception = new Reception().take(...without(frames(6), 8, 9, 10, 11, 12)).end();
  assert.deepEqual([reception.counts.frames, reception.counts.lost_frames], [3, 3]);
});

test('a longer pause of the camera is no lost frame beyond the packets that are missing', () => {
  const packets = [...frames(3), ...frames(2, { sequence: 1009, timestamp: 900_000 })];
  const reception = new Reception().take(...without(packets, 8)).end();
  assert.deepEqual([reception.counts.frames, reception.counts.lost_frames], [4, 1]);
});

test('a frame that was under way when we began to listen is neither put out nor counted', () => {
  const reception = new Reception().take(...frames(2).slice(1));
  assert.deepEqual(reception.timestamps, [93_000]);
  assert.deepEqual([reception.counts.lost_frames, reception.counts.refused.total], [0, 0]);
});

test('a frame under way when reception ends is not lost', () => {
  const reception = new Reception().take(...frames(2).slice(0, 4)).end();
  assert.deepEqual([reception.counts.frames, reception.counts.lost_frames], [1, 0]);
});

test('every one of thousands of single lost packets is counted, over wraps of numbers and timestamps [RFC3550 §A.3]', () => {
  const count = 30_000;
  const packets = frames(count, { sequence: 0xfff0, timestamp: 2 ** 32 - 6000 });
  const reception = new Reception().take(...packets.filter((_, i) => i % 10 !== 5)).end();
  assert.equal(reception.counts.lost_packets, (count * 3) / 10);
  assert.equal(reception.counts.frames + reception.counts.lost_frames, count);
});

test('frames that all have one timestamp are told apart by their markers and offsets', () => {
  const packets = frames(4).map((packet) => {
    const same = Buffer.from(packet);
    same.writeUInt32BE(90_000, 4);
    return same;
  });
  const reception = new Reception().take(...without(packets, 5)).end();
  assert.deepEqual(
    reception.scans.map(([first]) => first),
    [0, 6, 9],
  );
  assert.deepEqual([reception.counts.lost_frames, reception.counts.refused.total], [1, 0]);
});

// Order

test('packets out of order and doubled are one frame each, and are counted', () => {
  const [a, b, c, d, e, f] = frames(2) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const reception = new Reception().take(a, c, b, b, d, f, e, a);
  assert.deepEqual(reception.scans, [
    [0, 0, 1, 1, 2, 2],
    [3, 3, 4, 4, 5, 5],
  ]);
  const { packets, reordered, duplicates, lost_packets, late_packets } = reception.counts;
  assert.deepEqual([packets, reordered, duplicates, lost_packets, late_packets], [6, 2, 2, 0, 0]);
});

test('a packet is waited for while fewer than the window’s packets come behind it', () => {
  const packets = frames(40);
  const delayed = (by: number) => [...packets.slice(0, 3), ...packets.slice(4, 4 + by), packets[3]!];
  const inTime = new Reception().take(...delayed(REORDER_PACKETS - 1));
  assert.deepEqual([inTime.counts.late_packets, inTime.counts.lost_frames], [0, 0]);
  const late = new Reception().take(...delayed(REORDER_PACKETS));
  assert.deepEqual([late.counts.late_packets, late.counts.lost_frames, late.counts.lost_packets], [1, 1, 0]);
});

test('a missing packet holds up those behind it no longer than the window waits', () => {
  const reception = new Reception().take(...without(frames(2), 1));
  assert.deepEqual(reception.timestamps, []);
  reception.pass(REORDER_US / 1000).depayloader.expire(reception.now);
  assert.deepEqual(reception.timestamps, [93_000]);
});

test('the next packet lets go what has waited long enough, without a timer', () => {
  const packets = frames(3);
  const reception = new Reception().take(...without(packets.slice(0, 6), 1));
  reception.pass(REORDER_US / 1000).take(packets[6]!);
  assert.deepEqual(reception.timestamps, [93_000]);
});

test('sources that go on with other numbers are followed from their first packet [RFC3550 §A.1]', () => {
  const reception = new Reception().take(...frames(2), ...frames(2, { sequence: 30_000, timestamp: 500_000 }));
  assert.deepEqual(reception.timestamps, [90_000, 93_000, 500_000, 503_000]);
  const { sequence_restarts, lost_packets, packets } = reception.counts;
  assert.deepEqual([sequence_restarts, lost_packets, packets], [1, 0, 12]);
});

test('a single packet far off the others is ignored [RFC3550 §A.1]', () => {
  const [stray, another] = [packetOf({ sequence: 40_000 }), packetOf({ sequence: 50_000 })];
  const packets = frames(2);
  const reception = new Reception().take(...packets.slice(0, 4), stray, another, ...packets.slice(4));
  assert.equal(reception.counts.frames, 2);
  assert.deepEqual(reception.counts.ignored.toJSON(), { stray: 1 });
});

// Sources

test('the first source is followed as long as it is heard; another one is ignored and counted', () => {
  const reception = new Reception().take(...frames(1, { ssrc: 1 }), ...frames(1, { ssrc: 2 }));
  reception.pass(SILENT_SOURCE_US / 1000 - 1).take(...frames(1, { ssrc: 1, sequence: 1003, timestamp: 93_000 }));
  assert.deepEqual(reception.timestamps, [90_000, 93_000]);
  assert.deepEqual([reception.depayloader.ssrc, reception.counts.ignored.of('other_ssrc')], [1, 3]);
  assert.equal(reception.counts.ssrc_changes, 0);
});

test('when the source is silent another one takes its place, with numbers and times of its own', () => {
  const reception = new Reception().take(
    ...frames(1, { ssrc: 1 }),
    ...frames(1, { ssrc: 1, sequence: 1003 }).slice(0, 1),
  );
  reception.pass(SILENT_SOURCE_US / 1000).take(...frames(1, { ssrc: 2, sequence: 5, timestamp: 10 }));
  assert.deepEqual(reception.timestamps, [90_000, 10]);
  const { ssrc_changes, lost_packets, lost_frames } = reception.counts;
  assert.deepEqual([reception.depayloader.ssrc, ssrc_changes, lost_packets, lost_frames], [2, 1, 0, 1]);
});

test('what is no packet of the stream is ignored and counted by reason', () => {
  const reception = new Reception().take(
    new Uint8Array(0),
    new Uint8Array(11),
    new Uint8Array(40),
    packetOf({ payloadType: 96 }),
    ...frames(1),
  );
  assert.deepEqual(reception.counts.ignored.toJSON(), { too_short: 2, bad_version: 1, payload_type: 1 });
  assert.equal(reception.counts.frames, 1);
});

test('jitter is the smoothed change of transit time in milliseconds [RFC3550 §A.8]', () => {
  const reception = new Reception();
  // One packet each 40 ms, and one that comes 8 ms late: |D| is 8 ms twice, then 0.
  for (const [i, ms] of [0, 40, 48, 32, 40].entries()) {
    reception.pass(ms).take(packetOf({ sequence: i, timestamp: i * 3600 }));
  }
  let expected = 0;
  for (const difference of [0, 0, 8, 8, 0]) expected += (difference - expected) / 16;
  assert.ok(Math.abs(reception.counts.jitter_ms - expected) < 0.02, `${reception.counts.jitter_ms} not ${expected}`);
});
