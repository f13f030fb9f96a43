import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs, rtpTicks } from '../../../src/base/units.ts';
import { type HeardSenderReport, ReceptionReporter, type SourceReception } from '../../../src/rtp/reception-report.ts';
import { packetOf, Reception } from '../../support/rtp-reception.ts';

const NOW = monoUs(10_000_000);
const reception = (expected: number, received: number, parts: Partial<SourceReception> = {}): SourceReception => ({
  ssrc: 7,
  expected,
  received,
  highestSequence: 999 + expected,
  jitterTicks: 12,
  ...parts,
});

test('the loss is that since the last report, and that since the beginning [RFC3550 §6.4.1, §A.3]', () => {
  const reporter = new ReceptionReporter();
  const losses = [
    [100, 100],
    [200, 175],
    [300, 275],
    [400, 276],
  ].map(([expected, received]) => reporter.next(reception(expected!, received!), undefined, NOW)!);
  assert.deepEqual(
    losses.map(({ fractionLost }) => fractionLost),
    [0, 64, 0, 253],
  );
  assert.deepEqual(
    losses.map(({ cumulativeLost }) => cumulativeLost),
    [0, 25, 25, 124],
  );
});

test('a late packet that makes up for a loss is no negative loss', () => {
  const reporter = new ReceptionReporter();
  reporter.next(reception(100, 90), undefined, NOW);
  const block = reporter.next(reception(101, 100), undefined, NOW);
  assert.deepEqual([block?.fractionLost, block?.cumulativeLost], [0, 1]);
});

test('losses beyond 24 bits stay at the most that a report can say', () => {
  const block = new ReceptionReporter().next(reception(2 ** 25, 1), undefined, NOW);
  assert.deepEqual([block?.cumulativeLost, block?.fractionLost], [0x7fffff, 255]);
});

test('there is no block about a source of which nothing came since the last one [RFC3550 §6.4]', () => {
  const reporter = new ReceptionReporter();
  assert.ok(reporter.next(reception(100, 90), undefined, NOW));
  assert.equal(reporter.next(reception(100, 90), undefined, NOW), undefined);
  assert.ok(reporter.next(reception(101, 91), undefined, NOW));
});

test('another source, or another numbering, is reported from its own beginning', () => {
  const reporter = new ReceptionReporter();
  reporter.next(reception(1000, 900), undefined, NOW);
  const other = reporter.next(reception(2000, 1000, { ssrc: 8 }), undefined, NOW);
  assert.deepEqual([other?.ssrc, other?.fractionLost, other?.cumulativeLost], [8, 128, 1000]);
  const restarted = reporter.next(reception(10, 5, { ssrc: 8 }), undefined, NOW);
  assert.deepEqual([restarted?.fractionLost, restarted?.cumulativeLost], [128, 5]);
});

test('it names the last sender report, and how long ago that came', () => {
  const ntp = { seconds: 0x1122_3344, fraction: 0x5566_7788 };
  const report = {
    kind: 'sender_report',
    ssrc: 7,
    ntp,
    timestamp: rtpTicks(0),
    packets: 0,
    octets: 0,
    blocks: [],
  } as const;
  const heard: HeardSenderReport = { report, at: monoUs(NOW - 1_500_000) };
  const reporter = new ReceptionReporter();
  const block = reporter.next(reception(1, 1), heard, NOW);
  assert.deepEqual([block?.lastSenderReport, block?.delaySinceLastSenderReport], [0x3344_5566, 1.5 * 65_536]);
  const without = reporter.next(reception(2, 2), undefined, NOW);
  assert.deepEqual([without?.lastSenderReport, without?.delaySinceLastSenderReport], [0, 0]);
});

test('what a depayloader counts of a source: lost, doubled and reordered packets, over the wrap [RFC3550 §A.3]', () => {
  const depayloader = new Reception().take(
    ...[0xfffd, 0xffff, 0xffff, 0xfffe, 2, 1].map((sequence) => packetOf({ sequence, ssrc: 9 })),
  ).depayloader;
  assert.deepEqual(depayloader.reception, {
    ssrc: 9,
    expected: 6,
    received: 5,
    highestSequence: 0x1_0002,
    jitterTicks: depayloader.reception?.jitterTicks,
  });
});

test('after a restart of the numbers a source is counted from there [RFC3550 §A.1]', () => {
  const numbers = [100, 101, 103, 40_000, 40_001, 40_003];
  const { depayloader } = new Reception().take(...numbers.map((sequence) => packetOf({ sequence })));
  const { expected, received, highestSequence } = depayloader.reception!;
  assert.deepEqual([expected, received, highestSequence], [4, 3, 40_003]);
});
