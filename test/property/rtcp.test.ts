import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RtpTicks, rtpTicks } from '../../src/base/units.ts';
import { readRtcp, rtcpCompound } from '../../src/rtp/rtcp-compound.ts';
import { goodbye } from '../../src/rtp/rtcp-goodbye.ts';
import { receiverReport, senderReport } from '../../src/rtp/rtcp-reports.ts';
import { sourceDescription } from '../../src/rtp/rtcp-source-description.ts';

const uint32 = fc.nat({ max: 0xffffffff });
const ticks = uint32.map((value): RtpTicks => rtpTicks(value));
const block = fc.record(
  {
    ssrc: uint32,
    fractionLost: fc.nat({ max: 255 }),
    cumulativeLost: fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }),
    highestSequence: uint32,
    jitter: uint32,
    lastSenderReport: uint32,
    delaySinceLastSenderReport: uint32,
  },
  { noNullPrototype: true },
);
const figures = fc.record(
  {
    ntp: fc.record({ seconds: uint32, fraction: uint32 }, { noNullPrototype: true }),
    timestamp: ticks,
    packets: uint32,
    octets: uint32,
  },
  { noNullPrototype: true },
);
const cname = fc.string({ unit: 'grapheme', maxLength: 20 });

test('a written compound reads the same', () => {
  fc.assert(
    fc.property(uint32, figures, fc.array(block, { maxLength: 31 }), cname, (ssrc, sender, blocks, name) => {
      const packets = [
        senderReport(ssrc, sender, blocks),
        receiverReport(ssrc, blocks),
        sourceDescription(ssrc, name),
        goodbye(ssrc),
      ];
      assert.deepEqual(readRtcp(rtcpCompound(...packets)), [
        { kind: 'sender_report', ssrc, ...sender, blocks },
        { kind: 'receiver_report', ssrc, blocks },
        { kind: 'source_description', sources: [{ ssrc, cname: name }] },
        { kind: 'goodbye', ssrcs: [ssrc] },
      ]);
    }),
  );
});

test('reading never throws, whatever the bytes', () => {
  const typed = fc
    .tuple(fc.constantFrom(200, 201, 202, 203), fc.nat({ max: 63 }), fc.uint8Array({ maxLength: 80 }))
    .map(([type, first, content]) => Uint8Array.of(0x80 | first, type, 0, content.length >> 2, ...content));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), typed), (bytes) => {
      readRtcp(bytes);
    }),
  );
});
