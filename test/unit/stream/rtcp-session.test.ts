import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../../src/base/logger.ts';
import { rtpTicks } from '../../../src/base/units.ts';
import { type RtcpPacket, readRtcp, rtcpCompound } from '../../../src/rtp/rtcp-compound.ts';
import { goodbye } from '../../../src/rtp/rtcp-goodbye.ts';
import { receiverReport, type SenderReport } from '../../../src/rtp/rtcp-reports.ts';
import { RtcpSession } from '../../../src/stream/rtcp-session.ts';
import { TARGET_DEFAULTS } from '../../../src/stream/rtp-target.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openUdpReceiver, type UdpReceiver } from '../../support/udp-receiver.ts';
import { until } from '../../support/until.ts';

const SSRC = 0xfeedface;
const OFFSET = rtpTicks(0xffff_ff00);
/** The interval that `random` 0.5 draws from 5 s. */
const INTERVAL_MS = 4105;
const LINGER_MS = 100;

interface Setup extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly receiver: UdpReceiver;
  readonly session: RtcpSession;
  readonly counts: { packets: number; octets: number };
  /** The RTCP packets of datagram `n`, counted from 0. */
  datagram(n: number): Promise<RtcpPacket[]>;
}

async function setUp(): Promise<Setup> {
  const clock = new FakeClock();
  const receiver = await openUdpReceiver();
  const counts = { packets: 190, octets: 265_000 };
  const session = new RtcpSession(
    { address: '127.0.0.1', port: receiver.port - 1 },
    TARGET_DEFAULTS,
    { ssrc: SSRC, timestampOffset: OFFSET, sent: counts },
    { clock, logger: SILENT, random: () => 0.5, cname: 'box', onSendFailed: (errno) => assert.fail(errno) },
  );
  const datagram = async (n: number): Promise<RtcpPacket[]> => {
    const packets = readRtcp((await receiver.received(n + 1))[n]!);
    assert.ok(packets !== undefined);
    return packets;
  };
  return {
    clock,
    receiver,
    session,
    counts,
    datagram,
    async [Symbol.asyncDispose]() {
      const closed = session[Symbol.asyncDispose]();
      await clock.advance(LINGER_MS);
      await closed;
      await receiver[Symbol.asyncDispose]();
    },
  };
}

const kinds = (packets: readonly RtcpPacket[]): string[] => packets.map(({ kind }) => kind);

test('the first report comes with the first packets: a compound of SR and SDES [RFC3550 §6.1, §6.2]', async () => {
  await using set = await setUp();
  set.session.begin();
  const packets = await set.datagram(0);
  assert.deepEqual(kinds(packets), ['sender_report', 'source_description']);
  assert.deepEqual(packets[1], { kind: 'source_description', sources: [{ ssrc: SSRC, cname: 'box' }] });
  const report = packets[0] as SenderReport;
  assert.deepEqual([report.ssrc, report.packets, report.octets], [SSRC, 190, 265_000]);
});

test('NTP and RTP time of a sender report are the same moment [RFC3550 §6.4.1]', async () => {
  await using set = await setUp();
  await set.clock.advance(250);
  set.session.begin();
  const report = (await set.datagram(0))[0] as SenderReport;
  // FakeClock: the wall clock is 1_700_000_000_000 ms plus the monotonic one, which began at 1000 s
  assert.deepEqual(report.ntp, { seconds: 1_700_001_000 + 2_208_988_800, fraction: 0x40000000 });
  assert.equal(report.timestamp, (1_000_250 * 90 + OFFSET) % 2 ** 32);
});

test('reports follow at the drawn interval [RFC3550 §6.3.1]', async () => {
  await using set = await setUp();
  set.session.begin();
  await set.clock.advance(INTERVAL_MS - 10);
  assert.equal(set.receiver.packets.length, 1);
  set.counts.packets += 190;
  await set.clock.advance(10);
  const report = (await set.datagram(1))[0] as SenderReport;
  assert.equal(report.packets, 380);
});

test('a stream that has stopped sends receiver reports from its second idle interval on [RFC3550 §6.4]', async () => {
  await using set = await setUp();
  set.session.begin();
  for (let i = 0; i < 3; i++) await set.clock.advance(INTERVAL_MS);
  const first = await Promise.all([0, 1, 2, 3].map(async (n) => (await set.datagram(n))[0]?.kind));
  assert.deepEqual(first, ['sender_report', 'sender_report', 'receiver_report', 'receiver_report']);
});

test('reports about this stream are heard, with their round trip; others are not', async () => {
  await using set = await setUp();
  set.session.begin();
  const { ntp } = (await set.datagram(0))[0] as SenderReport;
  const lastSenderReport = (((ntp.seconds & 0xffff) << 16) | (ntp.fraction >>> 16)) >>> 0;
  const block = {
    ssrc: SSRC,
    fractionLost: 128,
    cumulativeLost: 5,
    highestSequence: 9,
    jitter: 90,
    lastSenderReport,
    delaySinceLastSenderReport: 6554,
  };
  await set.clock.advance(120);
  await set.receiver.send(receiverReport(7, [{ ...block, ssrc: 1 }]), set.session.localPort);
  await set.receiver.send(Buffer.from('not RTCP'), set.session.localPort);
  await set.receiver.send(receiverReport(8, [block]), set.session.localPort);
  await until('the report is heard', () => set.session.receivers.count > 0);
  const { rttMs, ...quality } = set.session.receivers.quality()!;
  assert.deepEqual(quality, { receivers: 1, lossPct: 50, lostPackets: 5, jitterMs: 1 });
  assert.equal(rttMs?.toFixed(1), '20.0');
  assert.equal(set.session.unreadable, 1);
  await set.receiver.send(rtcpCompound(receiverReport(8), goodbye(8)), set.session.localPort);
  await until('the goodbye is heard', () => set.session.receivers.count === 0);
});

test('at the end a goodbye follows the last packets after a while [RFC3550 §6.6]', async () => {
  await using set = await setUp();
  set.session.begin();
  await set.datagram(0);
  const closed = set.session[Symbol.asyncDispose]();
  await set.clock.advance(LINGER_MS - 1);
  assert.equal(set.receiver.packets.length, 1);
  await set.clock.advance(1);
  await closed;
  const packets = await set.datagram(1);
  assert.deepEqual(kinds(packets), ['sender_report', 'source_description', 'goodbye']);
  assert.deepEqual(packets[2], { kind: 'goodbye', ssrcs: [SSRC] });
  assert.equal(set.clock.pendingTimers, 0);
});

test('who has said nothing says no goodbye [RFC3550 §6.3.7]', async () => {
  await using set = await setUp();
  await set.session[Symbol.asyncDispose]();
  set.session.begin();
  assert.equal(set.receiver.packets.length + set.clock.pendingTimers, 0);
});

test('a local port that is taken is told', async () => {
  await using set = await setUp();
  const deps = { clock: set.clock, logger: SILENT, random: () => 0, cname: '', onSendFailed: () => undefined };
  const source = { ssrc: 1, timestampOffset: OFFSET, sent: set.counts };
  const target = { address: '127.0.0.1', port: 5004 };
  assert.throws(() => new RtcpSession(target, { ...TARGET_DEFAULTS, rtcpPort: set.receiver.port }, source, deps), {
    code: 'network',
  });
});

test('behind port 65535 there is none for RTCP', async () => {
  await using set = await setUp();
  const deps = { clock: set.clock, logger: SILENT, random: () => 0, cname: '', onSendFailed: () => undefined };
  const source = { ssrc: 1, timestampOffset: OFFSET, sent: set.counts };
  assert.throws(() => new RtcpSession({ address: '127.0.0.1', port: 65535 }, TARGET_DEFAULTS, source, deps), {
    code: 'bad_argument',
  });
});
