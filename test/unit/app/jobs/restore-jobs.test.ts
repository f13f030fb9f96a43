import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../support/fake-clock.ts';
import { MIB, settled } from '../../../support/jobs.ts';
import { keptJob, type QueueLife, QueueLives } from '../../../support/kept-jobs.ts';
import { until } from '../../../support/until.ts';

/** Takes these, and waits until the disk has them. */
async function accept(life: QueueLife, ...clips: string[]) {
  const helds = clips.map((clip) => keptJob(clip));
  const jobs = helds.map(({ spec }) => life.bench.take(spec));
  await Promise.all(jobs.map(({ stored }) => stored));
  return { helds, jobs };
}

test('jobs that were accepted wait again after a crash, in their order, under their ids', async () => {
  await using lives = new QueueLives();
  await accept(await lives.next(), 'a', 'b', 'c');
  const life = await lives.next();
  const resume = await life.restore();
  const { queue } = life.bench;
  assert.deepEqual(
    queue.list().map(({ job, title, state }) => [job, title, state]),
    [
      ['job-1', 'a', 'waiting'],
      ['job-2', 'b', 'waiting'],
      ['job-3', 'c', 'waiting'],
    ],
  );
  assert.equal(life.bench.take(keptJob('d').spec).id, 'job-4');
  await resume();
  for (const clip of ['a', 'b', 'c']) {
    await until(`${clip} runs`, () => life.remade.get(clip)?.runs.length === 1);
    life.remade.get(clip)!.finish('made');
  }
  await until('they are over', () => life.told.length === 3);
  assert.deepEqual(
    life.told.map(({ job, state, result }) => [job, state, result]),
    ['job-1', 'job-2', 'job-3'].map((job) => [job, 'succeeded', 'made']),
  );
});

test('a job is told which attempt it is, and a stop on purpose is none', async () => {
  await using lives = new QueueLives();
  let life = await lives.next();
  const { helds, jobs } = await accept(life, 'a');
  await until('it runs', () => helds[0]!.runs.length === 1);
  await life.bench.queue[Symbol.asyncDispose]();
  const outcome = await jobs[0]!.done;
  assert.match(String(!outcome.ok && outcome.error.message), /job-1 goes on when the box is back/);
  assert.equal(life.ledger.get('job-1')?.attempts, 0);

  for (const attempt of [1, 2, 3]) {
    life = await lives.next();
    await (await life.restore())();
    await until('it runs', () => life.remade.get('a')?.runs.length === 1);
    assert.equal(life.remade.get('a')!.runs[0]!.attempt, attempt);
  }
});

test('a job that was running at three crashes fails as interrupted, and is told; the next one runs', async () => {
  await using lives = new QueueLives();
  await accept(await lives.next(), 'killer', 'good');
  for (const attempts of [2, 3]) {
    const life = await lives.next();
    await (await life.restore())();
    await until('it runs', () => life.ledger.get('job-1')?.attempts === attempts);
  }
  const life = await lives.next();
  await (await life.restore())();
  assert.deepEqual(
    life.told.map(({ job, state, error }) => [job, state, error?.code]),
    [['job-1', 'failed', 'interrupted']],
  );
  await until('the next one runs', () => life.remade.has('good'));
});

test('the same job asked for again after a restart joins the one that waits', async () => {
  await using lives = new QueueLives();
  await accept(await lives.next(), 'a');
  const life = await lives.next();
  await life.restore();
  const again = life.bench.queue.submit(keptJob('a').spec, 'request-2');
  assert.ok(!(again instanceof Error));
  assert.equal(again.id, 'job-1');
  await again.stored;
  assert.deepEqual(life.ledger.get('job-1')?.requests, ['request-2']);
});

test('a job that was canceled does not come back', async () => {
  await using lives = new QueueLives();
  const before = await lives.next();
  await accept(before, 'a', 'b');
  assert.ok(await before.bench.queue.cancel('job-2', 'enough'));
  const life = await lives.next();
  await life.restore();
  assert.deepEqual(life.bench.titles('waiting'), ['a']);
  assert.equal(life.ledger.get('job-2')?.state, 'canceled');
});

test('the deadline of a job goes on over a restart: exactly within a boot, by the wall clock over one', async () => {
  for (const [bootId, laterMs] of [
    ['boot-1', 7000],
    ['boot-2', 7000],
    ['boot-1', 12_000],
    ['boot-2', 12_000],
  ] as const) {
    await using lives = new QueueLives();
    const before = await lives.next();
    await before.bench.take(keptJob('a', { deadlineMs: 10_000 }).spec).stored;
    const life = await lives.next({ bootId, clock: new FakeClock(1_000_000_000 + laterMs * 1000) });
    await life.restore();
    await life.bench.clock.advance(2000);
    await settled();
    const isOver = laterMs + 2000 > 10_000;
    assert.equal(life.bench.queue.list().length, isOver ? 0 : 1, `${bootId}, ${laterMs} ms later`);
    if (isOver) await until('it is told', () => life.told[0]?.error?.code === 'timed_out');
  }
});

for (const [what, sql] of [
  ['is no JSON', `"order" = 'nonsense'`],
  ['is missing', `"order" = NULL`],
  ['is of an unknown kind', `"order" = '{"kind":"paint"}'`],
  ['has other fields', `"order" = json_insert("order", '$.speed', 1)`],
  ['has a path for a clip', `"order" = json_replace("order", '$.pieces[0].clip', '../../etc/passwd')`],
  ['goes with a workload that is none', `workload = '{"kind":"cut"}'`],
] as const) {
  test(`a job whose order ${what} is dropped, logged and counted; the others are done`, async () => {
    await using lives = new QueueLives();
    await accept(await lives.next(), 'a', 'b');
    await lives.database.write('spoil', () => lives.database.prepare(`UPDATE jobs SET ${sql} WHERE id = 1`).run());
    const life = await lives.next();
    await life.restore();
    assert.deepEqual(life.bench.titles('waiting'), ['b']);
    assert.deepEqual(
      life.logs.of('job_dropped').map(({ fields }) => fields['job']),
      ['job-1'],
    );
    assert.equal(life.ledger.report()['unsound'], 1);
    assert.equal(life.ledger.get('job-1'), undefined);
    assert.equal(life.bench.take(keptJob('c').spec).id, 'job-3', 'no id is used again');
  });
}

test('jobs are queued again even when the queue is shorter now, and one that is too large now fails', async () => {
  await using lives = new QueueLives();
  await accept(await lives.next(), 'a', 'b', 'c');
  const life = await lives.next();
  life.bench.queue.configure({ memoryBytes: 30 * MIB, cpu: 1, liveReserveBytes: 0, queueLength: 1 });
  await life.restore();
  assert.equal(life.bench.titles('waiting').length, 3);

  const smaller = await lives.next();
  smaller.bench.queue.configure({ memoryBytes: 10 * MIB, cpu: 1, liveReserveBytes: 0, queueLength: 9 });
  await smaller.restore();
  await until('all are told', () => smaller.told.length === 3);
  assert.deepEqual(new Set(smaller.told.map(({ error }) => error?.code)), new Set(['resource_limit']));
});
