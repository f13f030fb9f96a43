import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rtpTicks } from '../../src/base/units.ts';
import { eoiAtEnd, walkJpeg } from '../../src/jpeg/walk.ts';
import type { RtpJpegForm } from '../../src/rtp/jpeg-form.ts';
import { JpegPayloader, LEAST_PACKET_BYTES } from '../../src/rtp/jpeg-payloader.ts';
import { REORDER_PACKETS } from '../../src/rtp/reorder-window.ts';
import { parseSdp } from '../../src/rtp/sdp-parse.ts';
import { arrivals, type PacketFate } from '../support/lossy-network.ts';
import { packetsOf } from '../support/rtp-packets.ts';
import { Reception } from '../support/rtp-reception.ts';

const FRAME_TICKS = 3000;

/** Tables and scan of a picture; the scan does not end like EOI. */
const picture = fc.record({
  tables: fc.uint8Array({ minLength: 128, maxLength: 128, min: 1 }),
  scan: fc.uint8Array({ minLength: 1, maxLength: 3000 }).map((scan) => Uint8Array.from([...scan, 0])),
  restartInterval: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffff })),
});
type Picture = typeof picture extends fc.Arbitrary<infer T> ? T : never;

const fate: fc.Arbitrary<PacketFate> = fc.record({
  isLost: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, fc.constant(true)),
  isDoubled: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
  delay: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat({ max: REORDER_PACKETS - 1 })),
});
const UNTOUCHED: PacketFate = { isLost: false, isDoubled: false, delay: 0 };

const session = fc.record({
  pictures: fc.array(picture, { minLength: 1, maxLength: 12 }),
  fates: fc.array(fate, { minLength: 1, maxLength: 200 }),
  packetBytes: fc.integer({ min: LEAST_PACKET_BYTES, max: 1500 }),
  firstSequence: fc.oneof(fc.nat({ max: 0xffff }), fc.integer({ min: 0xffe0, max: 0xffff })),
  firstTimestamp: fc.oneof(fc.nat({ max: 0xffffffff }), fc.constant(0xffffffff)),
});

interface Sent {
  readonly frame: number;
  readonly packet: Uint8Array;
}

function packetize(
  pictures: readonly Picture[],
  packetBytes: number,
  firstSequence: number,
  firstTimestamp: number,
): Sent[] {
  const payloader = new JpegPayloader({ ssrc: 7, firstSequence, packetBytes });
  return pictures.flatMap(({ tables, scan, restartInterval }, frame) => {
    const form: RtpJpegForm = {
      type: restartInterval > 0 ? 65 : 1,
      width8: 8,
      height8: 6,
      restartInterval,
      lumaTableAt: 0,
      chromaTableAt: 64,
      scanStart: 128,
      scanEnd: 128 + scan.length,
    };
    const bytes = Buffer.concat([tables, scan]);
    const plan = payloader.packetize(form, bytes, rtpTicks(firstTimestamp + frame * FRAME_TICKS));
    return packetsOf(plan, bytes).map((packet) => ({ frame, packet }));
  });
}

test('whatever is lost, doubled or out of order: frames put out are frames sent, and all that lost nothing arrive', () => {
  fc.assert(
    fc.property(session, ({ pictures, fates, packetBytes, firstSequence, firstTimestamp }) => {
      const sent = packetize(pictures, packetBytes, firstSequence, firstTimestamp);
      const allFates = sent.map((_, i) => (i === 0 ? UNTOUCHED : fates[i % fates.length]!));
      const arrived = arrivals(sent, allFates);
      const reception = new Reception().take(...arrived.map(({ packet }) => packet)).end();

      const hit = new Set(sent.filter((_, i) => allFates[i]!.isLost).map(({ frame }) => frame));
      const whole = pictures.map((_, frame) => frame).filter((frame) => !hit.has(frame));
      assert.deepEqual(
        reception.timestamps,
        whole.map((frame) => rtpTicks(firstTimestamp + frame * FRAME_TICKS)),
      );
      for (const [i, frame] of whole.entries()) {
        const { bytes, layout } = reception.pictures[i]!;
        const { tables, scan, restartInterval } = pictures[frame]!;
        assert.deepEqual(layout, walkJpeg(bytes, eoiAtEnd));
        assert.deepEqual(Buffer.from(reception.scans[i]!), Buffer.from(scan));
        assert.equal(layout.restartInterval, restartInterval);
        for (const [id, from] of [
          [0, 0],
          [1, 64],
        ] as const) {
          const at = layout.quantTables[id]!.offset;
          assert.deepEqual(bytes.subarray(at, at + 64), tables.subarray(from, from + 64));
        }
      }

      const { counts } = reception;
      const last = allFates.findLastIndex(({ isLost }) => !isLost);
      const lost = allFates.slice(0, last).filter(({ isLost }) => isLost).length;
      const distinct = new Set(arrived.map(({ packet }) => packet));
      assert.deepEqual([counts.packets, counts.lost_packets], [distinct.size, lost]);
      assert.equal(counts.duplicates, arrived.length - distinct.size);
      assert.equal(counts.late_packets, 0);
      assert.equal(counts.refused.total, 0);
      assert.ok(counts.lost_frames <= hit.size);
    }),
    { numRuns: 300 },
  );
});

test('a frame is never put out spliced, also when packets come later than the window waits', () => {
  const lateFate = fc.record({
    isLost: fc.constant(false),
    isDoubled: fc.boolean(),
    delay: fc.oneof(fc.constant(0), fc.nat({ max: 90 })),
  });
  fc.assert(
    fc.property(session, fc.array(lateFate, { minLength: 1, maxLength: 50 }), (from, fates) => {
      const sent = packetize(from.pictures, from.packetBytes, from.firstSequence, from.firstTimestamp);
      const reception = new Reception().take(...arrivals(sent, fates).map(({ packet }) => packet)).end();
      const scans = new Set(from.pictures.map(({ scan }) => Buffer.from(scan).toString('hex')));
      for (const scan of reception.scans) assert.ok(scans.has(Buffer.from(scan).toString('hex')));
      assert.equal(reception.counts.lost_packets, 0);
    }),
    { numRuns: 200 },
  );
});

test('random and mutated packets never throw, and what is put out is a JPEG from SOI to EOI', () => {
  const mutation = fc.record({ at: fc.nat({ max: 400 }), value: fc.nat({ max: 255 }), cut: fc.nat({ max: 2000 }) });
  const noise = fc.uint8Array({ maxLength: 200 });
  const likeRtp = noise.map((bytes) => Uint8Array.from([0x80 | (bytes[0] ?? 0), 26, ...bytes.subarray(2)]));
  fc.assert(
    fc.property(
      session,
      fc.array(mutation, { minLength: 1, maxLength: 40 }),
      fc.array(fc.oneof(noise, likeRtp), { maxLength: 20 }),
      (from, mutations, noises) => {
        const sent = packetize(from.pictures, from.packetBytes, from.firstSequence, from.firstTimestamp);
        const reception = new Reception();
        for (const [i, { packet }] of sent.entries()) {
          const { at, value, cut } = mutations[i % mutations.length]!;
          const mutated = packet.slice(0, i % 3 === 0 ? cut : undefined);
          if (i % 2 === 0 && at < mutated.length) mutated[at] = value;
          reception.take(mutated, ...noises.slice(i % 20, (i % 20) + 1)).pass(i % 7);
        }
        for (const { bytes, layout } of reception.end().pictures) assert.deepEqual(walkJpeg(bytes, eoiAtEnd), layout);
      },
    ),
    { numRuns: 300 },
  );
});

test('a session description never throws, whatever the text', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom('v=0', 'm=video 5004 RTP/AVP 26', 'm=video 5004/2 RTP/AVP 96 97', 'a=rtpmap:96 JPEG/90000'),
    fc.string({ maxLength: 20 }).map((text) => `a=x-dimensions:${text}`),
    fc.string({ maxLength: 20 }).map((text) => `c=IN IP4 ${text}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const described = parseSdp(['v=0', ...lines].join('\r\n'));
      if (typeof described === 'object') assert.ok(described.port > 0 && described.port < 65_536);
    }),
  );
});
