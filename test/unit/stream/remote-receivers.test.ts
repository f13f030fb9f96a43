import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../src/base/units.ts';
import type { ReportBlock } from '../../../src/rtp/rtcp-report-block.ts';
import { RemoteReceivers } from '../../../src/stream/remote-receivers.ts';
import { SentReports } from '../../../src/stream/sent-reports.ts';

const block = (changes: Partial<ReportBlock> = {}): ReportBlock => ({
  ssrc: 1,
  fractionLost: 0,
  cumulativeLost: 0,
  highestSequence: 0,
  jitter: 0,
  lastSenderReport: 0,
  delaySinceLastSenderReport: 0,
  ...changes,
});

test('a receiver tells loss in percent, lost packets and jitter in milliseconds [RFC3550 §6.4.1]', () => {
  const receivers = new RemoteReceivers();
  receivers.note(7, block({ fractionLost: 64, cumulativeLost: 12, jitter: 180 }), monoUs(0), new SentReports());
  const expected = { receivers: 1, lossPct: 25, lostPackets: 12, jitterMs: 2, rttMs: undefined };
  assert.deepEqual(receivers.quality(), expected);
});

test('the round trip is the time since the report that is answered, less the delay there [RFC3550 §6.4.1]', () => {
  const sent = new SentReports();
  sent.note(0xabcd, monoUs(1_000_000));
  const receivers = new RemoteReceivers();
  const answer = block({ lastSenderReport: 0xabcd, delaySinceLastSenderReport: 65536 });
  receivers.note(7, answer, monoUs(2_003_500), sent);
  assert.equal(receivers.quality()?.rttMs, 3.5);
});

test('a round trip that clocks make negative is 0, and one that cannot be told keeps the last', () => {
  const sent = new SentReports();
  sent.note(5, monoUs(1_000_000));
  const receivers = new RemoteReceivers();
  const answer = (lastSenderReport: number) => block({ lastSenderReport, delaySinceLastSenderReport: 65536 });
  receivers.note(7, answer(5), monoUs(1_999_999), sent);
  assert.equal(receivers.quality()?.rttMs, 0);
  receivers.note(7, answer(6), monoUs(9_000_000), sent);
  assert.equal(receivers.quality()?.rttMs, 0);
});

test('of several receivers the worst is told', () => {
  const receivers = new RemoteReceivers();
  receivers.note(7, block({ fractionLost: 128, jitter: 9 }), monoUs(0), new SentReports());
  receivers.note(8, block({ cumulativeLost: 3, jitter: 90 }), monoUs(0), new SentReports());
  const expected = { receivers: 2, lossPct: 50, lostPackets: 3, jitterMs: 1, rttMs: undefined };
  assert.deepEqual(receivers.quality(), expected);
});

test('receivers that say goodbye or fall silent are forgotten', () => {
  const receivers = new RemoteReceivers();
  receivers.note(7, block(), monoUs(0), new SentReports());
  receivers.note(8, block(), monoUs(20_000_000), new SentReports());
  receivers.removeSilent(monoUs(30_000_000), 25_000_000);
  assert.equal(receivers.count, 1);
  receivers.remove(8);
  assert.equal(receivers.quality(), undefined);
});

test('beyond 64 receivers reports are only counted', () => {
  const receivers = new RemoteReceivers();
  for (let ssrc = 0; ssrc < 70; ssrc++) receivers.note(ssrc, block(), monoUs(0), new SentReports());
  receivers.note(3, block(), monoUs(1), new SentReports());
  assert.deepEqual([receivers.count, receivers.ignored], [64, 6]);
});

test('of the sent reports the last eight are known', () => {
  const sent = new SentReports();
  for (let i = 0; i < 9; i++) sent.note(i, monoUs(i));
  assert.equal(sent.sentAt(0), undefined);
  assert.equal(sent.sentAt(1), 1);
  assert.equal(sent.sentAt(8), 8);
});
