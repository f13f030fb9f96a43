import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rtpTicks, wallMs } from '../../../src/base/units.ts';
import { compactNtp, msFromCompact, ntpTimeOf } from '../../../src/rtp/ntp-time.ts';
import { readRtcp, rtcpCompound } from '../../../src/rtp/rtcp-compound.ts';
import { goodbye } from '../../../src/rtp/rtcp-goodbye.ts';
import { drawnIntervalS, type RtcpConditions, rtcpIntervalS } from '../../../src/rtp/rtcp-interval.ts';
import type { ReportBlock } from '../../../src/rtp/rtcp-report-block.ts';
import { receiverReport, senderReport } from '../../../src/rtp/rtcp-reports.ts';
import { sourceDescription } from '../../../src/rtp/rtcp-source-description.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

const BLOCK: ReportBlock = {
  ssrc: 0xcafef00d,
  fractionLost: 0x40,
  cumulativeLost: -2,
  highestSequence: 0x00010002,
  jitter: 90,
  lastSenderReport: 0x11223344,
  delaySinceLastSenderReport: 0x00018000,
};
const BLOCK_HEX = 'cafef00d 40fffffe 00010002 0000005a 11223344 00018000'.replaceAll(' ', '');

test('an NTP time counts from 1900, with a binary fraction [RFC3550 §4]', () => {
  assert.deepEqual(ntpTimeOf(wallMs(0)), { seconds: 2_208_988_800, fraction: 0 });
  assert.deepEqual(ntpTimeOf(wallMs(1500)), { seconds: 2_208_988_801, fraction: 0x80000000 });
});

test('an NTP time wraps in February 2036 [RFC3550 §4]', () => {
  assert.deepEqual(ntpTimeOf(wallMs(Date.UTC(2036, 1, 7, 6, 28, 16))), { seconds: 0, fraction: 0 });
});

test('the compact NTP time is the middle 32 bits [RFC3550 §4]', () => {
  assert.equal(compactNtp({ seconds: 0xb44db705, fraction: 0x20000000 }), 0xb7052000);
  assert.equal(msFromCompact(0x00054000), 5250);
});

test('a sender report has SSRC, NTP and RTP time, packets and octets in their places [RFC3550 §6.4.1]', () => {
  const figures = { ntp: { seconds: 1, fraction: 2 }, timestamp: rtpTicks(3), packets: 4, octets: 5 };
  assert.equal(
    hex(senderReport(0xdeadbeef, figures)),
    '80c80006 deadbeef 00000001 00000002 00000003 00000004 00000005'.replaceAll(' ', ''),
  );
  assert.equal(hex(senderReport(1, figures, [BLOCK])).slice(-48), BLOCK_HEX);
});

test('packets and octets of a sender report wrap at 2^32 [RFC3550 §6.4.1]', () => {
  const figures = {
    ntp: { seconds: 1, fraction: 2 },
    timestamp: rtpTicks(3),
    packets: 2 ** 32 + 4,
    octets: 2 ** 33 + 5,
  };
  assert.equal(hex(senderReport(0, figures)).slice(-16), '0000000400000005');
});

test('a receiver report counts its blocks in the header [RFC3550 §6.4.2]', () => {
  assert.equal(hex(receiverReport(7, [BLOCK, BLOCK])), `82c9000d00000007${BLOCK_HEX}${BLOCK_HEX}`);
  assert.equal(hex(receiverReport(7)), '80c9000100000007');
});

test('a report takes 31 blocks, which is what its header can count [RFC3550 §6.4.1]', () => {
  const packets = readRtcp(receiverReport(7, Array(40).fill(BLOCK)));
  assert.ok(packets?.[0]?.kind === 'receiver_report');
  assert.equal(packets[0].blocks.length, 31);
});

test('a source description ends its items with a zero and fills up to 32 bits [RFC3550 §6.5]', () => {
  assert.equal(hex(sourceDescription(0xdeadbeef, 'abc')), '81ca0003deadbeef0103616263000000');
  assert.equal(hex(sourceDescription(0xdeadbeef, 'ab')), '81ca0003deadbeef0102616200000000');
  assert.equal(hex(sourceDescription(0xdeadbeef, 'a')), '81ca0002deadbeef01016100');
});

test('a source description of others is read: several chunks, items beside the CNAME [RFC3550 §6.5]', () => {
  const packets = readRtcp(fromHex('82ca0006 00000001 0201 4e 01 02 6162 00 00000002 06 00 0101 63 00 0000'));
  assert.deepEqual(packets, [
    {
      kind: 'source_description',
      sources: [
        { ssrc: 1, cname: 'ab' },
        { ssrc: 2, cname: 'c' },
      ],
    },
  ]);
});

test('a goodbye names the source [RFC3550 §6.6]', () => {
  assert.equal(hex(goodbye(0xdeadbeef)), '81cb0001deadbeef');
});

test('a goodbye with a reason, and padding behind it, is read [RFC3550 §6.4.1, §6.6]', () => {
  assert.deepEqual(readRtcp(fromHex('a1cb0004 00000001 03 627965 00000000 00000004')), [
    { kind: 'goodbye', ssrcs: [1] },
  ]);
});

test('the packets of a compound are read in order, unknown types are passed over [RFC3550 §6.1]', () => {
  const app = fromHex('80cc0002 00000001 6e616d65');
  const compound = rtcpCompound(receiverReport(7, [BLOCK]), app, sourceDescription(7, 'x'), goodbye(7));
  assert.deepEqual(readRtcp(compound), [
    { kind: 'receiver_report', ssrc: 7, blocks: [BLOCK] },
    { kind: 'other', packetType: 204 },
    { kind: 'source_description', sources: [{ ssrc: 7, cname: 'x' }] },
    { kind: 'goodbye', ssrcs: [7] },
  ]);
});

test('what is no RTCP is not read: version, lengths, blocks and chunks that go beyond the packet [RFC3550 A.2]', () => {
  for (const text of [
    '',
    '80c900',
    '40c90001 00000007',
    '80c90002 00000007',
    '81c90001 00000007',
    '80c80001 00000007',
    '80c90000',
    '81ca0001 00000007',
    '81ca0002 00000007 01ff6162',
    '81ca0002 00000007 01026162',
    '82cb0001 00000007',
    'a0c90001 000000ff',
    '80c90001 00000007 00',
  ]) {
    assert.equal(readRtcp(fromHex(text)), undefined, text);
  }
});

const CONDITIONS: RtcpConditions = {
  members: 2,
  senders: 1,
  isSender: true,
  isFirst: false,
  sessionBytesPerSecond: 1e6,
  averageBytes: 100,
};

test('two participants with bandwidth to spare report every 5 s, the first time after half of it [RFC3550 §6.2]', () => {
  assert.equal(rtcpIntervalS(CONDITIONS), 5);
  assert.equal(rtcpIntervalS({ ...CONDITIONS, isFirst: true }), 2.5);
  assert.equal(rtcpIntervalS({ ...CONDITIONS, sessionBytesPerSecond: 0 }), 5);
});

test('participants share a twentieth of a narrow session [RFC3550 §6.3.1]', () => {
  assert.equal(rtcpIntervalS({ ...CONDITIONS, sessionBytesPerSecond: 400 }), 10);
});

test('a quarter of it is for the senders when these are few, the rest for the receivers [RFC3550 §6.3.1]', () => {
  const many = { ...CONDITIONS, members: 101, sessionBytesPerSecond: 400 };
  assert.equal(rtcpIntervalS(many), 20);
  assert.equal(rtcpIntervalS({ ...many, isSender: false }), (100 * 100) / (400 * 0.05 * 0.75));
});

test('an interval is drawn from 0.5 to 1.5 times the calculated one, over e - 1.5 [RFC3550 §6.3.1]', () => {
  assert.equal(drawnIntervalS(5, 0).toFixed(4), '2.0521');
  assert.equal(drawnIntervalS(5, 0.5).toFixed(4), '4.1041');
  assert.equal(drawnIntervalS(5, 1).toFixed(4), '6.1562');
});
