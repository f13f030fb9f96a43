import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextSequence, rtpTicks } from '../../src/base/units.ts';
import type { RtpJpegForm } from '../../src/rtp/jpeg-form.ts';
import { rtpJpegForm } from '../../src/rtp/jpeg-form.ts';
import { JpegPayloader, LEAST_PACKET_BYTES } from '../../src/rtp/jpeg-payloader.ts';
import { joinScan, packetsOf, seePacket } from '../support/rtp-packets.ts';

/** Two tables, the scan, two bytes of EOI, and padding, in that order. */
const picture = fc
  .record({
    tables: fc.uint8Array({ minLength: 128, maxLength: 128 }),
    scan: fc.uint8Array({ minLength: 1, maxLength: 5000 }),
    padding: fc.nat({ max: 50 }),
    restartInterval: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffff })),
    largeSize: fc.option(fc.constant({ width: 3000, height: 8 }), { nil: undefined }),
  })
  .map(({ tables, scan, padding, restartInterval, largeSize }) => {
    const form: RtpJpegForm = {
      type: restartInterval > 0 ? 65 : 1,
      width8: 8,
      height8: 6,
      restartInterval,
      largeSize,
      lumaTableAt: 0,
      chromaTableAt: 64,
      scanStart: 128,
      scanEnd: 128 + scan.length,
    };
    return { bytes: Buffer.concat([tables, scan, new Uint8Array(2 + padding)]), form };
  });

test('whatever the pictures, packet size and first sequence number: the scan and tables arrive, nothing else does', () => {
  fc.assert(
    fc.property(
      fc.array(picture, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: LEAST_PACKET_BYTES, max: 2000 }),
      fc.nat({ max: 0xffff }),
      (pictures, packetBytes, firstSequence) => {
        const payloader = new JpegPayloader({ ssrc: 7, firstSequence, packetBytes });
        let sequence = firstSequence;
        for (const { bytes, form } of pictures) {
          const packets = packetsOf(payloader.packetize(form, bytes, rtpTicks(5)), bytes).map(seePacket);
          assert.deepEqual(joinScan(packets), bytes.subarray(128, form.scanEnd));
          assert.deepEqual(packets[0]?.tables, bytes.subarray(0, 128));
          for (const [i, packet] of packets.entries()) {
            const isLast = i === packets.length - 1;
            assert.equal(packet.marker, isLast);
            assert.equal(packet.sequence, sequence);
            if (isLast) assert.ok(packet.scan.length > 0 && packet.length <= packetBytes);
            else assert.equal(packet.length, packetBytes);
            sequence = nextSequence(sequence);
          }
        }
      },
    ),
  );
});

test('a decision about any layout is a form within the picture or a reason, never an exception', () => {
  const byte = fc.nat({ max: 255 });
  const table = fc.option(fc.record({ offset: fc.nat({ max: 900 }), bits: fc.constantFrom<8 | 16>(8, 16) }), {
    nil: undefined,
  });
  const layout = fc.record({
    sof: fc.constantFrom(0xc0, 0xc1, 0xc2, 0xc9),
    precision: fc.constantFrom(8, 12, 0),
    width: fc.nat({ max: 3000 }),
    height: fc.nat({ max: 3000 }),
    components: fc.array(
      fc.record({ id: byte, h: fc.integer({ min: 0, max: 2 }), v: fc.integer({ min: 0, max: 2 }), tq: byte }),
      { maxLength: 4 },
    ),
    quantTables: fc.array(table, { maxLength: 4 }),
    huffman: fc.constantFrom<'absent' | 'standard' | 'other'>('absent', 'standard', 'other'),
    restartInterval: fc.nat({ max: 0xffff }),
    scan: fc.array(fc.record({ id: byte, dc: fc.nat({ max: 3 }), ac: fc.nat({ max: 3 }) }), { maxLength: 4 }),
    sosStart: fc.nat({ max: 1000 }),
    scanStart: fc.nat({ max: 1000 }),
    scanEnd: fc.nat({ max: 1000 }),
  });
  const bytes = new Uint8Array(1000);
  fc.assert(
    fc.property(layout, (any) => {
      const decided = rtpJpegForm(any, bytes);
      if (typeof decided === 'object') assert.ok(decided.width8 <= 255 && decided.height8 <= 255);
      else assert.match(decided, /^[a-z0-9_]+$/);
    }),
    { numRuns: 500 },
  );
});
