import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CamboxError } from '../../src/base/errors.ts';
import type { Job } from '../../src/jobs/job.ts';
import { GOOD_CONDITIONS, Scheduler } from '../../src/jobs/scheduler.ts';
import { type Demand, QUEUED_KINDS } from '../../src/jobs/workload.ts';
import { budgetOf, type HeldJob, heldJob, MIB, QueueBench, settled } from '../support/jobs.ts';

const BUDGET = budgetOf({ memoryBytes: 200 * MIB, cpu: 2, liveReserveBytes: 40 * MIB, queueLength: 12 });

const demands = fc.record({
  memoryBytes: fc.integer({ min: 0, max: 220 }).map((mib) => mib * MIB),
  cpu: fc.double({ min: 0, max: 3, noNaN: true }),
});
const kinds = fc.constantFrom(...QUEUED_KINDS);

/** What may happen to a scheduler. Numbers choose among what there is. */
const happenings = fc.array(
  fc.oneof(
    fc.record({ what: fc.constant('offer' as const), kind: kinds, demand: demands }),
    fc.record({ what: fc.constant('live' as const), demand: demands }),
    fc.record({ what: fc.constantFrom('finish' as const, 'withdraw' as const), which: fc.nat(30) }),
  ),
  { maxLength: 60 },
);

test('scheduler never exceeds the budget, the reserve or the queue length, and starts the first that fits', () => {
  fc.assert(
    fc.property(happenings, (events) => {
      const scheduler = new Scheduler(BUDGET);
      const running = new Map<string, Demand & { readonly live: boolean }>();
      const waiting: { id: string; rank: number; demand: Demand }[] = [];
      const total = (live: boolean, of: 'memoryBytes' | 'cpu'): number =>
        [...running.values()].reduce((sum, entry) => sum + (entry.live === live ? entry[of] : 0), 0);
      for (const [i, event] of events.entries()) {
        const id = `${i}`;
        if (event.what === 'offer') {
          const answer = scheduler.offer(id, event.kind, event.demand);
          const tooLarge = event.demand.memoryBytes > 160 * MIB;
          assert.equal(answer, tooLarge ? 'too_large' : waiting.length >= 12 ? 'full' : 'waiting');
          const demand = { ...event.demand, cpu: Math.min(2, event.demand.cpu) };
          if (answer === 'waiting') waiting.push({ id, rank: QUEUED_KINDS.indexOf(event.kind), demand });
        } else if (event.what === 'live') {
          if (scheduler.admitLive(id, event.demand, GOOD_CONDITIONS)) running.set(id, { ...event.demand, live: true });
        } else if (event.what === 'finish') {
          const ended = [...running.keys()][event.which % Math.max(1, running.size)];
          if (ended !== undefined) scheduler.finish(ended);
          if (ended !== undefined) running.delete(ended);
        } else {
          const [gone] = waiting.splice(event.which % Math.max(1, waiting.length), 1);
          if (gone !== undefined) assert.ok(scheduler.withdraw(gone.id));
        }
        waiting.sort((a, b) => a.rank - b.rank || Number(a.id) - Number(b.id));
        for (let next = scheduler.next(GOOD_CONDITIONS); next !== undefined; next = scheduler.next(GOOD_CONDITIONS)) {
          const at = waiting.findIndex((job) => job.id === next);
          const liveBytes = total(true, 'memoryBytes');
          const free = BUDGET.memoryBytes - Math.max(liveBytes, BUDGET.liveReserveBytes);
          const freeCpu = BUDGET.cpu - total(true, 'cpu');
          // who is overtaken could not even run if all other queued jobs ended
          for (const { demand } of waiting.slice(0, at)) {
            assert.ok(demand.memoryBytes > free || demand.cpu > freeCpu);
          }
          running.set(next, { ...waiting[at]!.demand, live: false });
          waiting.splice(at, 1);
        }
        const live = total(true, 'memoryBytes');
        assert.ok(live + total(false, 'memoryBytes') <= BUDGET.memoryBytes);
        assert.ok(total(true, 'cpu') <= BUDGET.cpu + 1e-6);
        assert.equal(scheduler.waiting, waiting.length);
      }
    }),
    { numRuns: 300, seed: 20_261_120 },
  );
});

test('every job runs in the end when live recordings end and jobs are finite', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ kind: kinds, demand: demands }), { maxLength: 12 }),
      demands,
      (offers, liveNeed) => {
        const scheduler = new Scheduler(BUDGET);
        scheduler.admitLive('live', liveNeed, GOOD_CONDITIONS);
        const taken = offers.filter(
          (offer, i) => scheduler.offer(`${i}`, offer.kind, offer.demand) === 'waiting',
        ).length;
        let ran = 0;
        const running: string[] = [];
        const startAll = (): void => {
          for (let id = scheduler.next(GOOD_CONDITIONS); id !== undefined; id = scheduler.next(GOOD_CONDITIONS)) {
            running.push(id);
            ran += 1;
          }
        };
        startAll();
        scheduler.finish('live');
        startAll();
        for (let id = running.shift(); id !== undefined; id = running.shift()) {
          scheduler.finish(id);
          startAll();
        }
        assert.equal(ran, taken);
        assert.deepEqual(scheduler.taken, { memoryBytes: 0, cpu: 0 });
      },
    ),
    { numRuns: 300, seed: 20_261_121 },
  );
});

const actions = fc.array(
  fc.oneof(
    fc.record({
      what: fc.constant('submit' as const),
      kind: kinds,
      key: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
      deadlineMs: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
    }),
    fc.record({
      what: fc.constantFrom('finish' as const, 'fail' as const, 'cancel' as const, 'leave' as const),
      which: fc.nat(40),
    }),
    fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 5000 }) }),
  ),
  { maxLength: 50 },
);

test('every request to the queue gets exactly one answer, whatever happens to its job', async () => {
  await fc.assert(
    fc.asyncProperty(actions, async (events) => {
      const bench = new QueueBench({ memoryBytes: 90 * MIB, queueLength: 4 });
      const helds: HeldJob[] = [];
      const jobs: Job<string>[] = [];
      let [asked, refused, answered] = [0, 0, 0];
      for (const event of events) {
        if (event.what === 'submit') {
          const held = heldJob(`${asked}`, event.kind, { key: event.key, deadlineMs: event.deadlineMs });
          asked += 1;
          const job = bench.queue.submit(held.spec);
          if (job instanceof CamboxError) {
            refused += 1;
            continue;
          }
          helds.push(held);
          jobs.push(job);
          void job.done.then(() => {
            answered += 1;
          });
        } else if (event.what === 'pass') {
          await bench.clock.advance(event.ms);
        } else if (jobs.length > 0) {
          const i = event.which % jobs.length;
          if (event.what === 'finish') helds[i]!.finish('ok');
          if (event.what === 'fail') helds[i]!.fail(new Error('broken'));
          if (event.what === 'cancel') bench.queue.cancel(jobs[i]!.id, 'test');
          if (event.what === 'leave') jobs[i]!.leave();
        }
        await settled();
        assert.ok((bench.queue.report()['memory_bytes'] as number) <= 90 * MIB);
        assert.ok(bench.titles('waiting').length <= 4);
      }
      for (const held of helds) held.finish('at last');
      await bench.queue[Symbol.asyncDispose]();
      await Promise.all(jobs.map((job) => job.done));
      await settled();
      assert.deepEqual([answered, asked - refused], [jobs.length, jobs.length]);
      assert.equal(bench.clock.pendingTimers, 0);
    }),
    { numRuns: 150, seed: 20_261_122 },
  );
});
