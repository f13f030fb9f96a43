import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rtpTicks } from '../../../../src/base/units.ts';
import type { HeardSenderReport, SourceReception } from '../../../../src/rtp/reception-report.ts';
import { type RtcpPacket, readRtcp } from '../../../../src/rtp/rtcp-compound.ts';
import type { ReportBlock } from '../../../../src/rtp/rtcp-report-block.ts';
import { ReceiverReports, type ReceiverReportsDeps } from '../../../../src/stream/receive/receiver-reports.ts';
import { SrtcpContext } from '../../../../src/stream/srtp/srtcp-context.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { MASTER } from '../../../support/srtp-packets.ts';

const OWN = 0xabc;
const SENDER = 7;
const FROM = Uint8Array.of(1, 2, 3);
const GROUP = Uint8Array.of(9, 9);
/** What `random` 0.5 draws from half of 5 s, and from 5 s [RFC3550 §6.3.1]. */
const FIRST_MS = 2053;
const INTERVAL_MS = 4105;

function setUp(changes: Partial<ReceiverReportsDeps> = {}) {
  const clock = new FakeClock();
  const sent: { packets: RtcpPacket[]; to: Uint8Array; at: number; bytes: Uint8Array }[] = [];
  const stream = { expected: 100, received: 90, octets: 126_000 };
  const start = clock.now();
  const heard: HeardSenderReport = {
    report: {
      kind: 'sender_report',
      ssrc: SENDER,
      ntp: { seconds: 5, fraction: 0 },
      timestamp: rtpTicks(0),
      packets: 100,
      octets: 0,
      blocks: [],
    },
    at: start,
  };
  const reports = new ReceiverReports({
    clock,
    random: () => 0.5,
    ssrc: OWN,
    group: undefined,
    reception: (): SourceReception => ({
      ssrc: SENDER,
      expected: stream.expected,
      received: stream.received,
      highestSequence: 7,
      jitterTicks: 3,
    }),
    senderReport: () => heard,
    octets: () => stream.octets,
    srtcp: undefined,
    send: (bytes, to) => {
      sent.push({ packets: readRtcp(bytes) ?? [], to, at: (clock.now() - start) / 1000, bytes });
      return 0;
    },
    ...changes,
  });
  return { clock, sent, stream, reports };
}

const kinds = (packets: readonly RtcpPacket[]): string[] => packets.map(({ kind }) => kind);

/** The blocks of the report that a compound begins with. */
function blocksOf(sent: { packets: readonly RtcpPacket[] } | undefined): readonly ReportBlock[] {
  const [first] = sent?.packets ?? [];
  assert.ok(first?.kind === 'receiver_report');
  assert.equal(first.ssrc, OWN);
  return first.blocks;
}

test('the first report follows the first sender report by half an interval: RR and SDES, to where that came from', async () => {
  const { clock, sent, reports } = setUp();
  await clock.advance(20_000);
  assert.equal(sent.length, 0);
  reports.answer(FROM, clock.now());
  await clock.advance(FIRST_MS - 1);
  assert.equal(sent.length, 0);
  await clock.advance(2);
  assert.deepEqual([kinds(sent[0]!.packets), sent[0]!.to], [['receiver_report', 'source_description'], FROM]);
  const [{ delaySinceLastSenderReport, ...block }] = blocksOf(sent[0]) as [ReportBlock];
  const loss = { fractionLost: 25, cumulativeLost: 10 };
  assert.deepEqual(block, { ssrc: SENDER, ...loss, highestSequence: 7, jitter: 3, lastSenderReport: 5 << 16 });
  assert.ok(Math.abs(delaySinceLastSenderReport / 65.536 - 20_000 - FIRST_MS) < 2, `${delaySinceLastSenderReport}`);
});

test('reports go on every five seconds or so, to where the last sender report came from', async () => {
  const { clock, sent, stream, reports } = setUp();
  reports.answer(FROM, clock.now());
  await clock.advance(FIRST_MS + 1);
  stream.expected = stream.received = 200;
  reports.answer(Uint8Array.of(4), clock.now());
  await clock.advance(2 * INTERVAL_MS + 1);
  assert.deepEqual(
    sent.map(({ at }) => Math.round(at / 10)),
    [FIRST_MS, FIRST_MS + INTERVAL_MS, FIRST_MS + 2 * INTERVAL_MS].map((ms) => Math.round(ms / 10)),
  );
  assert.deepEqual(sent[1]?.to, Uint8Array.of(4));
  assert.deepEqual(blocksOf(sent[2]), [], 'nothing has come since');
});

test('many participants report less often each [RFC3550 §6.2]', async () => {
  const { clock, sent, stream, reports } = setUp();
  reports.answer(FROM, clock.now());
  await clock.advance(FIRST_MS + 1);
  const others = Array.from({ length: 2000 }, (_, i) => ({ kind: 'receiver_report', ssrc: i, blocks: [] }) as const);
  reports.note(others, 100, clock.now());
  stream.octets += 1000; // a slow stream
  await clock.advance(4 * INTERVAL_MS);
  assert.equal(sent.length, 1);
});

test('participants that left or fell silent do not count', async () => {
  const { clock, sent, stream, reports } = setUp();
  reports.answer(FROM, clock.now());
  const others = Array.from({ length: 2000 }, (_, i) => ({ kind: 'receiver_report', ssrc: i, blocks: [] }) as const);
  reports.note(others, 100, clock.now());
  reports.note([{ kind: 'goodbye', ssrcs: others.map(({ ssrc }) => ssrc) }], 8000, clock.now());
  stream.octets += 500_000;
  await clock.advance(FIRST_MS + INTERVAL_MS + 2);
  assert.equal(sent.length, 2);
});

test('our own reports that come back from a group are nobody else', async () => {
  const { clock, sent, reports } = setUp({ group: GROUP });
  reports.answer(FROM, clock.now());
  reports.note([{ kind: 'receiver_report', ssrc: OWN, blocks: [] }], 60, clock.now());
  await clock.advance(FIRST_MS + 1);
  assert.deepEqual(sent[0]?.to, GROUP);
});

test('leaving tells the last figures and says goodbye, once, and leaves no timer', async () => {
  const { clock, sent, stream, reports } = setUp();
  reports.answer(FROM, clock.now());
  await clock.advance(FIRST_MS + 1);
  [stream.expected, stream.received] = [200, 180];
  reports.leave();
  reports.leave();
  reports.answer(FROM, clock.now());
  assert.equal(clock.pendingTimers, 0);
  assert.deepEqual(kinds(sent.at(-1)!.packets), ['receiver_report', 'source_description', 'goodbye']);
  assert.equal(blocksOf(sent.at(-1))[0]?.cumulativeLost, 20);
  assert.deepEqual([sent.length, reports.sent], [2, 2]);
});

test('who has said nothing says no goodbye [RFC3550 §6.3.7]', () => {
  const { clock, sent, reports } = setUp();
  reports.answer(FROM, clock.now());
  reports.leave();
  assert.deepEqual([sent.length, clock.pendingTimers], [0, 0]);
});

test('what is sent is protected where there is a key', async () => {
  const srtcp = new SrtcpContext(MASTER, OWN);
  const { clock, sent, reports } = setUp({ srtcp });
  reports.answer(FROM, clock.now());
  await clock.advance(FIRST_MS + 1);
  const clear = new SrtcpContext(MASTER, SENDER).unprotect(sent[0]!.bytes);
  assert.ok(typeof clear === 'object');
  assert.deepEqual(kinds(readRtcp(clear) ?? []), ['receiver_report', 'source_description']);
});

test('a report that the kernel refuses is counted by errno, and the next one is tried', async () => {
  const { clock, reports } = setUp({ send: () => 101 });
  reports.answer(FROM, clock.now());
  await clock.advance(FIRST_MS + INTERVAL_MS + 2);
  assert.deepEqual([reports.sent, reports.unsent.toJSON()], [0, { ENETUNREACH: 2 }]);
});
