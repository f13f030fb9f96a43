import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { SILENT } from '../../../src/base/logger.ts';
import { type CommandContext, defineCommand } from '../../../src/control/command.ts';
import { clipExport } from '../../../src/control/commands/clip-export.ts';
import { cut } from '../../../src/control/commands/cut.ts';
import { timelapse } from '../../../src/control/commands/timelapse.ts';
import { CommandExecutor } from '../../../src/control/executor.ts';
import { resumeJob, runAsJob } from '../../../src/control/run-as-job.ts';
import type { JobSpec } from '../../../src/jobs/job.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { type HeldJob, heldJob, settled } from '../../support/jobs.ts';
import { RecordingRequester, request } from '../../support/recording-requester.ts';

/** A command whose work is a job, in a box with a real queue that has room for eleven at a time. */
const bench = (maxRunning = 32) => {
  const box = new FakeBox();
  const { clock } = box.bench;
  const helds: HeldJob[] = [];
  const work = defineCommand({
    name: 'work',
    summary: '',
    acts: true,
    atOnce: 'queued',
    timeoutMs: undefined,
    args: z.strictObject({ key: z.optional(z.string()) }),
    result: z.unknown(),
    run({ key }, context) {
      const held = heldJob(`work ${helds.length}`, 'cut', { key });
      helds.push(held);
      return runAsJob(held.spec, context);
    },
  });
  const executor = new CommandExecutor([work], box, { clock, logger: SILENT, maxRunning });
  let lastId = 0;
  const start = (args: object = {}): RecordingRequester => {
    lastId += 1;
    const requester = new RecordingRequester();
    executor.submit(request('work', args, { id: `id-${lastId}` }), requester);
    return requester;
  };
  return { box, clock, helds, executor, start };
};

test('a command tells that its job waits, that it runs, how far it is, and its result', async () => {
  const { start, helds, clock } = bench();
  const others = Array.from({ length: 8 }, () => start()); // two cores, a quarter each
  const requester = start();
  assert.deepEqual(requester.responses.at(-1)?.result, { job: 'job-9', state: 'waiting' });
  helds[0]!.finish('first');
  await settled();
  assert.equal(others[0]!.last.result, 'first');
  assert.deepEqual(requester.last.result, { job: 'job-9', state: 'running' });
  helds[8]!.runs[0]!.progress(0.1); // within a second of the last one: not told
  await clock.advance(1000);
  helds[8]!.runs[0]!.progress(0.256);
  helds[8]!.finish('done');
  await settled();
  assert.deepEqual(requester.statuses, ['accepted', 'in_progress', 'in_progress', 'in_progress', 'succeeded']);
  assert.deepEqual([requester.responses[3]!.progress, requester.last.result], [0.26, 'done']);
});

test('commands whose work is a job are as many as the queue takes, and then rejected as busy with a time', () => {
  const { start, box } = bench(2);
  const requesters = Array.from({ length: 200 }, () => start());
  const accepted = requesters.filter(({ statuses }) => statuses[0] === 'accepted');
  assert.equal(accepted.length, 108, 'eight run, a hundred wait');
  assert.equal(box.jobs.list().length, 108);
  const rejected = requesters.filter(({ last }) => last.status === 'rejected').map(({ last }) => last.error!);
  assert.equal(rejected.length, 92);
  assert.ok(
    rejected.every(({ code, retryable, retry_after_ms }) => code === 'busy' && retryable && retry_after_ms! > 0),
  );
  assert.equal(new Set(rejected.map(({ retry_after_ms }) => retry_after_ms)).size, 92);
});

for (const [command, args] of [
  [cut, { clip: 'door', every_s: 10 }],
  [timelapse, { clips: ['door'] }],
  [clipExport, { clips: ['door'] }],
] as const) {
  test(`${command.name} that is not done by its deadline fails as timed_out, and its job is told to end`, async () => {
    const box = new FakeBox();
    const { clock } = box.bench;
    const held = heldJob('work');
    const spec = async () => held.spec as JobSpec<never>;
    box.editor = { cut: spec, timelapse: spec, export: spec };
    const executor = new CommandExecutor([command], box, { clock, logger: SILENT, maxRunning: 2 });
    const requester = new RecordingRequester();
    executor.submit(request(command.name, { ...args, deadline_s: 7.5 }, { id: 'a' }), requester);
    await settled();
    await clock.advance(7000);
    assert.equal(requester.last.status, 'in_progress');
    await clock.advance(1000);
    await settled();
    assert.deepEqual([requester.last.status, requester.last.error?.code], ['failed', 'timed_out']);
    assert.equal(held.runs[0]?.signal.aborted, true);
  });
}

test('a job that is canceled ends its commands as canceled', async () => {
  const { start, box } = bench();
  const [first, second] = [start({ key: 'same' }), start({ key: 'same' })];
  assert.ok(box.jobs.cancel('job-1', 'by somebody'));
  await settled();
  for (const { last } of [first, second]) assert.deepEqual([last.status, last.error?.code], ['canceled', 'canceled']);
});

test('a command that is told to end at shutdown leaves its job, and says why', async () => {
  const { start, executor, helds } = bench();
  const requester = start();
  await executor[Symbol.asyncDispose]();
  await settled();
  assert.deepEqual([requester.last.status, requester.last.error?.code], ['failed', 'interrupted']);
  assert.ok(helds[0]!.runs[0]!.signal.aborted);
});

test('a command that is resumed waits for the job of an earlier run, and hears nothing of one that is over', async () => {
  const { box, clock } = bench();
  const held = heldJob('left over', 'cut', { order: { any: 'order' } });
  box.jobs.restore([{ ...held.spec, id: 'job-7', attempts: 1, ageMs: 5000 }]);
  const updates: unknown[] = [];
  const context: CommandContext = {
    ...{ id: 'id-1', by: undefined, door: 'socket', box, clock, signal: new AbortController().signal },
    inProgress: ({ result }) => updates.push(result),
    deliverJpeg: () => undefined,
    earlier: () => undefined,
  };
  const outcome = resumeJob('job-7', context);
  held.finish('made');
  assert.deepEqual(await outcome, { ok: true, result: 'made' });
  assert.deepEqual(updates[0], { job: 'job-7', state: 'running' });
  await settled();
  assert.equal(await resumeJob('job-7', context), undefined);
});
