import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CamboxError } from '../../../../src/base/errors.ts';
import { JOB_RECORD } from '../../../../src/control/schemas/job-record.ts';
import { MIB, settled } from '../../../support/jobs.ts';
import { keptJob, QueueLife, QueueLives } from '../../../support/kept-jobs.ts';
import { until } from '../../../support/until.ts';

test('a job that is over is kept with its result, its times and what its children needed', async () => {
  await using lives = new QueueLives();
  const life = await lives.next();
  const held = keptJob('a');
  const job = life.bench.queue.submit(held.spec, 'request-1');
  assert.ok(!(job instanceof Error));
  await until('it runs', () => held.runs.length === 1);
  for (const cpuMs of [100, 200]) {
    held.runs[0]!.learn({ heldBytes: MIB, overCap: false, peakBytes: cpuMs * MIB, cpuMs });
  }
  held.finish('made');
  assert.deepEqual(await job.done, { ok: true, result: 'made' });
  const kept = (await lives.next()).ledger.get('job-1')!;
  assert.ok(JOB_RECORD.safeParse(kept).success);
  const { accepted_at: _, finished_at: __, waited_ms, ran_ms, ...rest } = kept;
  assert.deepEqual([waited_ms, ran_ms], [0, 0]);
  assert.deepEqual(rest, {
    ...{ job: 'job-1', kind: 'cut', title: 'a', state: 'succeeded', attempts: 1 },
    ...{ requests: ['request-1'], cpu_ms: 300, peak_memory_bytes: 200 * MIB, result: 'made' },
  });
});

test('a requester is told when the disk knows the outcome, not before', async () => {
  await using lives = new QueueLives();
  const life = await lives.next();
  const held = keptJob('a');
  const job = life.bench.take(held.spec);
  await until('it runs', () => held.runs.length === 1);
  lives.disk.hold();
  let isTold = false;
  void job.done.then(() => {
    isTold = true;
  });
  held.finish('made');
  await until('it is written', () => lives.disk.waiting > 0);
  await settled();
  assert.equal(isTold, false);
  lives.disk.release();
  await until('it is told', () => isTold);
});

test('a result that is a failure is kept as one, with what was made', async () => {
  await using lives = new QueueLives();
  const life = await lives.next();
  const fault = (): CamboxError => new CamboxError('conflict', { verb: 'cut', thing: 'a', reason: 'it is there' });
  const held = keptJob('a', { fault });
  const job = life.bench.take(held.spec);
  held.finish('half');
  const outcome = await job.done;
  assert.deepEqual([outcome.ok, outcome.result], [false, 'half']);
  const { state, error, result } = life.ledger.get('job-1')!;
  assert.deepEqual([state, error?.code, result], ['failed', 'conflict', 'half']);
});

test('jobs go on when the disk refuses what is kept of them; that is logged once, and they do not say that they last', async () => {
  await using lives = new QueueLives();
  const life = await lives.next();
  lives.disk.failure = new Error('no space');
  const helds = ['a', 'b'].map((clip) => keptJob(clip));
  const jobs = helds.map(({ spec }) => life.bench.take(spec));
  for (const [i, held] of helds.entries()) {
    await until('it runs', () => held.runs.length === 1);
    held.finish('made');
    assert.deepEqual(await jobs[i]!.done, { ok: true, result: 'made' });
  }
  assert.equal(jobs[0]!.lasting, false);
  assert.equal(life.logs.of('jobs_not_kept').length, 1);
  assert.ok(Number(life.ledger.report()['unkept']) >= 2);
  assert.deepEqual(
    life.ledger.checks().map(({ code }) => code),
    ['jobs_not_kept'],
  );
  lives.disk.failure = undefined;
  await life.bench.take(keptJob('c').spec).stored;
  assert.deepEqual(life.ledger.checks(), [{ id: 'jobs', status: 'ok' }]);
});

test('without a state folder jobs are kept in memory, and shutting down says that they are lost', async () => {
  const life = new QueueLife(undefined);
  const [a, b] = ['a', 'b'].map((clip) => keptJob(clip));
  const [first, second] = [life.bench.take(a!.spec), life.bench.take(b!.spec)];
  await until('it runs', () => a!.runs.length === 1);
  a!.finish('made');
  await first.done;
  assert.deepEqual(
    life.ledger.finished({ limit: 10 }).map(({ job, state }) => [job, state]),
    [['job-1', 'succeeded']],
  );
  await life.bench.queue[Symbol.asyncDispose]();
  const outcome = await second.done;
  assert.match(String(!outcome.ok && outcome.error.message), /Send it again/);
});

test('a job that is kept goes on when its requester leaves', async () => {
  await using lives = new QueueLives();
  const life = await lives.next();
  const held = keptJob('a');
  const job = life.bench.take(held.spec);
  await until('it runs', () => held.runs.length === 1);
  job.leave();
  assert.equal((await job.done).ok, false);
  assert.equal(held.runs[0]!.signal.aborted, false);
  held.finish('made');
  await until('it is over', () => life.told[0]?.state === 'succeeded');
});

test('a long result is left out of what is kept', async () => {
  await using lives = new QueueLives();
  const life = await lives.next();
  const held = keptJob('a');
  const job = life.bench.take(held.spec);
  held.finish('x'.repeat(40_000));
  await job.done;
  const { state, result, result_omitted } = life.ledger.get('job-1')!;
  assert.deepEqual([state, result, result_omitted], ['succeeded', undefined, true]);
});

test('what is no id of a job is no job', async () => {
  const { ledger } = new QueueLife(undefined);
  for (const id of ['', 'job-', 'job-x', 'clip-1', 'job-1e3', 'job--1']) assert.equal(ledger.get(id), undefined, id);
});
