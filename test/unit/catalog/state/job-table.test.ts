import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryDatabase } from '../../../../src/catalog/memory-database.ts';
import { JobTable } from '../../../../src/catalog/state/job-table.ts';
import { STATE_MIGRATIONS } from '../../../../src/catalog/state/state-migrations.ts';

const accepted = (id: number) => ({
  ...{ id, kind: 'cut', accepted_ms: 1, accepted_boot: 'boot', accepted_mono_ms: 1, deadline_ms: null },
  ...{ key: null, title: `job ${id}`, workload: '{}', requests: '[]', order: '{}' },
});

const ended = (id: number, result: string | null = null) => ({
  ...{ id, state: 'succeeded' as const, finished_ms: 2, waited_ms: 1, ran_ms: 1, cpu_ms: null, peak_bytes: null },
  ...{ error_code: null, error: null, result },
});

const table = (): JobTable => new JobTable(new MemoryDatabase(STATE_MIGRATIONS));

test('table keeps the newest thousand jobs that are over, and every other', () => {
  const jobs = table();
  jobs.add(accepted(1));
  for (let id = 2; id <= 1010; id++) {
    jobs.add(accepted(id));
    jobs.end(ended(id));
  }
  assert.deepEqual(
    jobs.open().map(({ id }) => id),
    [1],
  );
  const kept = jobs.finished(Number.MAX_SAFE_INTEGER, undefined, 2000).map(({ id }) => id);
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [1000, 1010, 11]);
});

test('table forgets the oldest results when they take more than a MiB', () => {
  const jobs = table();
  const result = JSON.stringify('x'.repeat(30_000));
  for (let id = 1; id <= 100; id++) {
    jobs.add(accepted(id));
    jobs.end(ended(id, result));
  }
  const kept = jobs.finished(Number.MAX_SAFE_INTEGER, undefined, 2000);
  assert.ok(kept.length >= 34 && kept.length * 30_000 <= 2 ** 20, `${kept.length} are kept`);
  assert.equal(kept[0]!.id, 100);
});

test('a job ends once', () => {
  const jobs = table();
  jobs.add(accepted(1));
  assert.equal(jobs.end(ended(1)), true);
  assert.equal(jobs.end({ ...ended(1), state: 'canceled' }), false);
  jobs.begin(1);
  jobs.putBack(1);
  assert.equal(jobs.get(1)?.state, 'succeeded');
});

test('lists of jobs that are over go on before a job, and are of one kind when asked for', () => {
  const jobs = table();
  for (const id of [1, 2, 3, 4]) {
    jobs.add({ ...accepted(id), kind: id % 2 === 0 ? 'timelapse' : 'cut' });
    jobs.end(ended(id));
  }
  const ids = (before: number, kind?: string): number[] => jobs.finished(before, kind, 2).map(({ id }) => id);
  assert.deepEqual(
    [ids(9), ids(3), ids(9, 'cut')],
    [
      [4, 3],
      [2, 1],
      [3, 1],
    ],
  );
});
