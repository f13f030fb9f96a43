import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CamboxError } from '../../../src/base/errors.ts';
import { MAX_FOLLOWERS } from '../../../src/jobs/queued-job.ts';
import { budgetOf, heldJob, MIB, QueueBench, settled } from '../../support/jobs.ts';

/** Jobs of 26 MB: two at a time. */
const TWO_AT_ONCE = { memoryBytes: 60 * MIB };

async function codeOf(done: Promise<{ ok: boolean; error?: CamboxError }>): Promise<string | undefined> {
  return (await done).error?.code;
}

test('queue runs what there is room for, and the next one when one ends', async () => {
  const bench = new QueueBench(TWO_AT_ONCE);
  const [a, b, c] = ['a', 'b', 'c'].map((title) => heldJob(title));
  const first = bench.take(a!.spec);
  bench.take(b!.spec);
  bench.take(c!.spec);
  assert.deepEqual([bench.titles('running'), bench.titles('waiting')], [['a', 'b'], ['c']]);
  a!.finish('result');
  assert.deepEqual(await first.done, { ok: true, result: 'result' });
  await settled();
  assert.deepEqual([bench.titles('running'), bench.titles('waiting')], [['b', 'c'], []]);
});

test('a job that throws ends as failed with the error, and frees its room', async () => {
  const bench = new QueueBench(TWO_AT_ONCE);
  const held = heldJob('a');
  const job = bench.take(held.spec);
  held.fail(new CamboxError('child_failed', { verb: 'cut', thing: 'it', reason: 'broken' }));
  assert.equal(await codeOf(job.done), 'child_failed');
  await settled();
  assert.deepEqual(bench.queue.list(), []);
  assert.equal(bench.queue.report()['memory_bytes'], 0);
});

test('the cap and the cost of a job are those that were learned', async () => {
  const bench = new QueueBench();
  const held = heldJob('a');
  bench.take(held.spec);
  const before = held.runs[0]!.capBytes;
  held.runs[0]!.learn({ heldBytes: 100 * MIB, overCap: false });
  const next = heldJob('b');
  assert.equal(bench.take(next.spec).view().memory_bytes, 100 * MIB);
  assert.ok(next.runs[0]!.capBytes > Math.max(before, 100 * MIB));
});

test('progress of a job is told to those who wait for it, and never goes back', () => {
  const bench = new QueueBench();
  const held = heldJob('a');
  const job = bench.take(held.spec);
  const seen: number[] = [];
  job.onChange(() => seen.push(job.view().progress));
  for (const share of [0.25, 0.1, Number.NaN, 0.5, 7]) held.runs[0]!.progress(share);
  assert.deepEqual(seen, [0.25, 0.5, 1]);
});

test('a full queue answers busy, with a later time for each who is refused', () => {
  const bench = new QueueBench({ ...TWO_AT_ONCE, queueLength: 1 });
  for (const title of ['a', 'b', 'c']) bench.take(heldJob(title).spec);
  const refusals = ['d', 'e', 'f'].map((title) => bench.queue.submit(heldJob(title).spec) as CamboxError);
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['busy', 'busy', 'busy'],
  );
  const times = refusals.map((error) => error.retryAfterMs!);
  assert.deepEqual(
    times.toSorted((x, y) => x - y),
    times,
  );
  assert.equal(new Set(times).size, 3);
  assert.equal(bench.queue.refusal('g', 0)?.code, 'busy');
});

test('a job that can never run is refused as resource_limit, naming what to change', () => {
  const bench = new QueueBench({ memoryBytes: 20 * MIB });
  const error = bench.queue.submit(heldJob('a').spec) as CamboxError;
  assert.equal(error.code, 'resource_limit');
  assert.match(error.message, /needs 26 MB .* jobs may take 20 MB.*record\.memory_mb/);
});

test('jobs of the same key run once and everybody gets the result', async () => {
  const bench = new QueueBench();
  const held = heldJob('a', 'cut', { key: 'same' });
  const first = bench.take(held.spec);
  const second = bench.take(heldJob('b', 'cut', { key: 'same' }).spec);
  assert.equal(first.id, second.id);
  assert.equal(first.view().requesters, 2);
  held.finish('done');
  assert.deepEqual(await Promise.all([first.done, second.done]), Array(2).fill({ ok: true, result: 'done' }));
  assert.equal(held.runs.length, 1);
  await settled();
  const again = heldJob('c', 'cut', { key: 'same' });
  bench.take(again.spec);
  assert.equal(again.runs.length, 1, 'the key is free when the job is done');
});

test('only so many may wait for the same job', () => {
  const bench = new QueueBench();
  const { spec } = heldJob('a', 'cut', { key: 'same' });
  for (let i = 0; i < MAX_FOLLOWERS; i++) bench.take(spec);
  assert.equal((bench.queue.submit(spec) as CamboxError).code, 'busy');
});

test('a job goes on when one of two leaves, and is ended when the last one does', async () => {
  const bench = new QueueBench();
  const held = heldJob('a', 'cut', { key: 'same' });
  const [first, second] = [bench.take(held.spec), bench.take(held.spec)];
  first.leave();
  assert.equal(await codeOf(first.done), 'canceled');
  assert.ok(!held.runs[0]!.signal.aborted);
  second.leave();
  assert.ok(held.runs[0]!.signal.aborted);
  assert.equal(await codeOf(second.done), 'canceled');
});

test('cancel ends a waiting job without running it, and a running one by its signal', async () => {
  const bench = new QueueBench({ memoryBytes: 30 * MIB });
  const [runs, waits] = [heldJob('runs'), heldJob('waits')];
  const [running, waiting] = [bench.take(runs.spec), bench.take(waits.spec)];
  assert.ok(await bench.queue.cancel(waiting.id, 'by the operator'));
  const outcome = await waiting.done;
  assert.match(String(!outcome.ok && outcome.error.message), /by the operator/);
  assert.ok(await bench.queue.cancel(running.id, 'by the operator'));
  assert.equal(await codeOf(running.done), 'canceled');
  assert.ok(!(await bench.queue.cancel(running.id, 'again')));
  assert.ok(!(await bench.queue.cancel('job-99', 'nobody')));
  await settled();
  assert.equal(waits.runs.length, 0);
  assert.equal(bench.queue.report()['ended'], 2);
});

test('a canceled job keeps its room and its key until its child is really gone', async () => {
  const bench = new QueueBench({ memoryBytes: 30 * MIB });
  const end = Promise.withResolvers<string>();
  const slow = heldJob('slow', 'cut', { key: 'same', run: () => end.promise });
  bench.queue.cancel(bench.take(slow.spec).id, 'enough');
  const next = heldJob('next');
  bench.take(next.spec);
  assert.equal((bench.queue.submit(slow.spec) as CamboxError).code, 'busy');
  assert.equal(next.runs.length, 0);
  end.resolve('late');
  await settled();
  assert.equal(next.runs.length, 1);
});

test('each who waits has a deadline of his own', async () => {
  const bench = new QueueBench();
  const held = heldJob('a', 'cut', { key: 'same', deadlineMs: 5000 });
  const hasty = bench.take(held.spec);
  const patient = bench.take({ ...held.spec, deadlineMs: undefined });
  await bench.clock.advance(6000);
  assert.equal(await codeOf(hasty.done), 'timed_out');
  assert.ok(!held.runs[0]!.signal.aborted);
  held.finish('in the end');
  assert.ok((await patient.done).ok);
});

test('a job past its deadline never starts, one that runs is told to end', async () => {
  const bench = new QueueBench({ memoryBytes: 30 * MIB });
  const [runs, waits] = [heldJob('runs', 'cut', { deadlineMs: 9000 }), heldJob('waits', 'cut', { deadlineMs: 3000 })];
  const [running, waiting] = [bench.take(runs.spec), bench.take(waits.spec)];
  await bench.clock.advance(4000);
  const outcome = await waiting.done;
  assert.match(String(!outcome.ok && outcome.error.message), /no room for it within 3 s/);
  await bench.clock.advance(6000);
  assert.equal(await codeOf(running.done), 'timed_out');
  assert.ok(runs.runs[0]!.signal.aborted);
  assert.equal(waits.runs.length, 0);
});

test('what waits for the machine to have memory again starts without another request', async () => {
  const bench = new QueueBench();
  bench.conditions = { availableBytes: 1, pressed: false };
  const held = heldJob('a');
  bench.take(held.spec);
  await bench.clock.advance(5000);
  assert.equal(held.runs.length, 0);
  bench.conditions = { availableBytes: 500 * MIB, pressed: false };
  await bench.clock.advance(1000);
  assert.equal(held.runs.length, 1);
});

test('a live recording is admitted beside full jobs, as a copy when there is no room to encode, else refused', () => {
  const bench = new QueueBench({ memoryBytes: 90 * MIB, liveReserveBytes: 30 * MIB });
  for (const title of ['a', 'b', 'c']) bench.take(heldJob(title).spec);
  assert.deepEqual(bench.titles('running'), ['a', 'b']);
  const size = { kind: 'live', width: 1280, height: 720, threads: 1 } as const;
  const choices = [
    { ...size, encoder: 'libx264' },
    { ...size, encoder: 'copy' },
  ] as const;
  const lease = bench.queue.live.admit('clip x', choices);
  assert.ok(!(lease instanceof CamboxError));
  assert.equal(lease.workload.encoder, 'copy');
  assert.deepEqual(
    bench.queue.list().map(({ kind, title }) => [kind, title]),
    [
      ['live', 'clip x'],
      ['cut', 'a'],
      ['cut', 'b'],
      ['cut', 'c'],
    ],
  );
  const refused = bench.queue.live.admit('clip y', choices) as CamboxError;
  assert.equal(refused.code, 'busy');
  assert.ok(refused.retryAfterMs! > 0);
  lease.end({ heldBytes: 20 * MIB, overCap: false });
  lease.end(undefined);
  assert.equal(bench.queue.live.count, 0);
});

test('a smaller budget ends what could never run any more as resource_limit', async () => {
  const bench = new QueueBench({ memoryBytes: 30 * MIB });
  bench.take(heldJob('runs').spec);
  const waiting = bench.take(heldJob('waits').spec);
  bench.queue.configure(budgetOf({ memoryBytes: 10 * MIB }));
  assert.equal(await codeOf(waiting.done), 'resource_limit');
});

test('closing answers everybody with interrupted, and waits for what runs', async () => {
  const bench = new QueueBench({ memoryBytes: 30 * MIB });
  const jobs = [bench.take(heldJob('runs').spec), bench.take(heldJob('waits').spec)];
  await bench.queue[Symbol.asyncDispose]();
  assert.deepEqual(await Promise.all(jobs.map(({ done }) => codeOf(done))), ['interrupted', 'interrupted']);
  assert.equal((bench.queue.submit(heldJob('late').spec) as CamboxError).code, 'interrupted');
  assert.deepEqual(bench.queue.list(), []);
  assert.equal(bench.clock.pendingTimers, 0);
});
