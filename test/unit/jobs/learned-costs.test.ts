import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LearnedCosts, MAX_PEAKS, MAX_WORKLOADS } from '../../../src/jobs/learned-costs.ts';
import type { Workload } from '../../../src/jobs/workload.ts';
import { MIB } from '../../support/jobs.ts';

const LIVE_720: Workload = { kind: 'live', encoder: 'libx264', width: 1280, height: 720, threads: 1 };
const LIVE_1080: Workload = { ...LIVE_720, width: 1920, height: 1080 };

const mib = (bytes: number): number => Math.round(bytes / MIB);

test('costs are those of the measurements before anything was learned', () => {
  const costs = new LearnedCosts();
  const table = [LIVE_720, LIVE_1080, { ...LIVE_720, encoder: 'copy' }, { ...LIVE_1080, encoder: 'copy' }];
  assert.deepEqual(
    table.map((workload) => mib(costs.costOf(workload).memoryBytes)),
    [33, 58, 15, 24],
  );
  assert.deepEqual(
    table.map((workload) => mib(costs.costOf(workload).capBytes)),
    [80, 104, 48, 56],
  );
});

test("an encoder whose pictures are the kernel driver's is expected to take more than a copy and less than libx264", () => {
  const costs = new LearnedCosts();
  const of = (encoder: string): number => costs.costOf({ ...LIVE_1080, encoder }).memoryBytes;
  for (const encoder of ['h264_v4l2m2m', 'h264_rkmpp']) {
    assert.ok(of('copy') < of(encoder) && of(encoder) < of('libx264'), encoder);
  }
  assert.equal(of('h264_vaapi'), of('libx264'));
});

test('a second thread costs memory, and a file keeps a core busy where a camera does not', () => {
  const costs = new LearnedCosts();
  assert.ok(mib(costs.costOf({ ...LIVE_720, threads: 2 }).memoryBytes) > 39);
  assert.ok(costs.costOf(LIVE_720).cpu < 0.6);
  assert.ok(costs.costOf({ ...LIVE_720, encoder: 'h264_v4l2m2m' }).cpu < costs.costOf(LIVE_720).cpu / 2);
  assert.equal(costs.costOf({ ...LIVE_720, kind: 'cut', threads: 2 }).cpu, 2);
  assert.equal(costs.costOf({ ...LIVE_720, encoder: 'copy' }).cpu, 0);
});

test('the cost is the 95th percentile of the latest peaks once there are enough', () => {
  const costs = new LearnedCosts();
  for (let i = 1; i <= 4; i++) costs.learn(LIVE_720, { heldBytes: 20 * MIB, overCap: false });
  assert.equal(mib(costs.costOf(LIVE_720).memoryBytes), 33, 'four are not enough');
  for (let i = 0; i < MAX_PEAKS; i++) costs.learn(LIVE_720, { heldBytes: (i === 7 ? 90 : 30) * MIB, overCap: false });
  assert.equal(mib(costs.costOf(LIVE_720).memoryBytes), 30, 'one in 32 does not count');
  costs.learn(LIVE_720, { heldBytes: 90 * MIB, overCap: false });
  assert.equal(mib(costs.costOf(LIVE_720).memoryBytes), 90);
});

test('a low cost does not lower the cap', () => {
  const costs = new LearnedCosts();
  for (let i = 0; i < 10; i++) costs.learn(LIVE_720, { heldBytes: 5 * MIB, overCap: false });
  assert.deepEqual([mib(costs.costOf(LIVE_720).memoryBytes), mib(costs.costOf(LIVE_720).capBytes)], [5, 80]);
});

test('a child that was killed at its cap gets more the next time, up to a limit', () => {
  const costs = new LearnedCosts();
  const caps = Array.from({ length: 6 }, () => {
    costs.learn(LIVE_720, { heldBytes: 70 * MIB, overCap: true });
    return mib(costs.costOf(LIVE_720).capBytes);
  });
  assert.deepEqual(caps, [168, 256, 256, 256, 256, 256]);
});

test('the workload that was not seen for longest is forgotten', () => {
  const costs = new LearnedCosts();
  for (let i = 0; i <= MAX_WORKLOADS; i++) {
    costs.learn({ ...LIVE_720, width: 100 + i }, { heldBytes: MIB, overCap: false });
    costs.learn(LIVE_720, { heldBytes: MIB, overCap: false });
  }
  const names = Object.keys(costs.table);
  assert.equal(names.length, MAX_WORKLOADS);
  assert.ok(names.includes('live/libx264/1280x720/1') && !names.includes('live/libx264/100x720/1'));
});

test('costs go on from a table', () => {
  const costs = new LearnedCosts();
  for (let i = 0; i < 10; i++) costs.learn(LIVE_720, { heldBytes: 33 * MIB, overCap: false });
  assert.deepEqual(new LearnedCosts(costs.table).costOf(LIVE_720), costs.costOf(LIVE_720));
});
