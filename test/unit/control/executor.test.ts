import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { CamboxError } from '../../../src/base/errors.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { type CommandContext, type CommandOutcome, defineCommand } from '../../../src/control/command.ts';
import type { CommandJournal } from '../../../src/control/command-journal.ts';
import { CommandMemory } from '../../../src/control/command-memory.ts';
import { CommandExecutor } from '../../../src/control/executor.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { RecordingRequester, request } from '../../support/recording-requester.ts';

type Run = (args: { n?: number | undefined }, context: CommandContext) => Promise<CommandOutcome<unknown>>;

interface BenchParts {
  readonly acts?: boolean;
  readonly atOnce?: number;
  readonly timeoutMs?: number;
  readonly maxRunning?: number;
  readonly journal?: CommandJournal;
}

const bench = (run: Run, parts: BenchParts = {}) => {
  const clock = new FakeClock();
  let runs = 0;
  const command = defineCommand({
    name: 'work',
    summary: '',
    acts: parts.acts ?? true,
    atOnce: parts.atOnce ?? 8,
    timeoutMs: parts.timeoutMs,
    args: z.strictObject({ n: z.optional(z.number()) }),
    result: z.unknown(),
    run: (args, context) => {
      runs += 1;
      return run(args, context);
    },
  });
  const other = defineCommand({ ...command, name: 'other', atOnce: 8 });
  const { maxRunning, journal } = parts;
  const options = { clock, logger: SILENT, ...(maxRunning && { maxRunning }), ...(journal && { journal }) };
  const executor = new CommandExecutor([command, other], new FakeBox(), options);
  return { clock, executor, requester: new RecordingRequester(), runs: () => runs };
};

/** A journal whose disk the test answers for. */
class SlowJournal implements CommandJournal {
  readonly #memory = new CommandMemory();
  readonly #writes: (() => void)[] = [];

  recall = (id: string) => this.#memory.recall(id);
  progress = (...update: Parameters<CommandJournal['progress']>) => this.#memory.progress(...update);

  accept(...entry: Parameters<CommandJournal['accept']>): Promise<void> {
    this.#memory.accept(...entry);
    return new Promise((resolve) => this.#writes.push(resolve));
  }

  finish(...end: Parameters<CommandJournal['finish']>): Promise<void> {
    this.#memory.finish(...end);
    return new Promise((resolve) => this.#writes.push(resolve));
  }

  async written(): Promise<void> {
    for (const resolve of this.#writes.splice(0)) resolve();
    await settle();
  }
}

const done = async (): Promise<CommandOutcome<unknown>> => ({ ok: true, result: { done: true } });
const never: Run = () => new Promise(() => undefined);
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('executor answers accepted and succeeded when a command runs', async () => {
  const { executor, requester } = bench(done);
  executor.submit(request('work', { n: 1 }), requester);
  assert.deepEqual(requester.statuses, ['accepted']);
  await settle();
  assert.deepEqual(requester.statuses, ['accepted', 'succeeded']);
  assert.deepEqual(requester.last, {
    id: 'id-1',
    status: 'succeeded',
    duplicate: false,
    ts: requester.last.ts,
    result: { done: true },
  });
  assert.equal(executor.running, 0);
});

test('executor passes on progress between accepted and the end', async () => {
  const { executor, requester } = bench(async (_args, { inProgress }) => {
    inProgress({ progress: 0.5, result: { clip: 'c' } });
    return done();
  });
  executor.submit(request('work', {}), requester);
  await settle();
  assert.deepEqual(requester.statuses, ['accepted', 'in_progress', 'succeeded']);
  assert.deepEqual([requester.responses[1]!.progress, requester.responses[1]!.result], [0.5, { clip: 'c' }]);
});

test('executor answers failed with code, pointer and retryable when a command throws a CamboxError', async () => {
  const error = new CamboxError('device_lost', { verb: 'take', thing: 'it', reason: 'gone' }, '/args/n');
  const { executor, requester } = bench(async () => {
    throw error;
  });
  executor.submit(request('work', {}), requester);
  await settle();
  assert.deepEqual(requester.last.error, {
    code: 'device_lost',
    message: error.message,
    pointer: '/args/n',
    retryable: true,
  });
});

test('executor answers failed with the result when an outcome has both', async () => {
  const error = new CamboxError('interrupted', { verb: 'finish', thing: 'it', reason: 'early' });
  const { executor, requester } = bench(async () => ({ ok: false, error, result: { part: 1 } }));
  executor.submit(request('work', {}), requester);
  await settle();
  assert.deepEqual(
    [requester.last.status, requester.last.error?.code, requester.last.result],
    ['failed', 'interrupted', { part: 1 }],
  );
});

test('executor answers internal and logs the cause when a command has a bug', async () => {
  const log = new LogCollector();
  const command = defineCommand({
    name: 'bug',
    summary: '',
    acts: false,
    atOnce: 1,
    timeoutMs: undefined,
    args: z.strictObject({}),
    result: z.unknown(),
    run() {
      throw new TypeError('x is undefined');
    },
  });
  const executor = new CommandExecutor([command], new FakeBox(), { clock: new FakeClock(), logger: log });
  const requester = new RecordingRequester();
  executor.submit(request('bug', {}), requester);
  await settle();
  assert.equal(requester.last.error?.code, 'internal');
  assert.equal(log.of('command_internal_error').length, 1);
});

test('executor repeats the last response and does not run again when a request comes twice', async () => {
  const { executor, requester, runs } = bench(done);
  executor.submit(request('work', {}), requester);
  await settle();
  const again = new RecordingRequester();
  executor.submit(request('work', {}), again);
  assert.deepEqual(again.responses, [{ ...requester.last, duplicate: true }]);
  assert.equal(runs(), 1);
});

test('executor answers a duplicate with the state so far when the command still runs', async () => {
  const { executor, requester } = bench(never);
  executor.submit(request('work', {}), requester);
  const again = new RecordingRequester();
  executor.submit(request('work', {}), again);
  assert.deepEqual(again.responses, [{ ...requester.last, duplicate: true }]);
});

for (const [what, second] of [
  ['arguments', request('work', { n: 2 })],
  ['command', request('other', { n: 1 })],
] as const) {
  test(`executor answers id_conflict when an id comes again with another ${what}`, async () => {
    const { executor, requester, runs } = bench(done);
    executor.submit(request('work', { n: 1 }), requester);
    await settle();
    executor.submit(second, requester);
    assert.deepEqual([requester.last.status, requester.last.error?.code], ['rejected', 'id_conflict']);
    assert.equal(runs(), 1);
  });
}

test('executor forgets a rejected request, so that the mended one may use its id', async () => {
  const { executor, requester } = bench(done);
  executor.submit(request('work', { n: 'x' }), requester);
  assert.equal(requester.last.error?.code, 'bad_schema');
  executor.submit(request('work', { n: 1 }), requester);
  await settle();
  assert.equal(requester.last.status, 'succeeded');
});

test('executor rejects a retained request even when its id is known', async () => {
  const { executor, requester } = bench(done);
  executor.submit(request('work', {}), requester);
  await settle();
  executor.submit(request('work', {}, { retained: true }), requester);
  assert.equal(requester.last.error?.code, 'retained_command');
});

test('executor rejects what acts when nothing proves that it is fresh', () => {
  const { executor, requester } = bench(done);
  executor.submit(request('work', {}, { live: false }), requester);
  assert.equal(requester.last.error?.code, 'expired');
  executor.submit(request('work', {}, { live: false, expiresInS: 5 }), requester);
  assert.equal(requester.last.status, 'accepted');
});

test('executor is busy, retryable, when as many of a kind run as may', async () => {
  const { executor, requester } = bench(never, { atOnce: 2 });
  for (const id of ['a', 'b', 'c']) executor.submit(request('work', {}, { id }), requester);
  assert.deepEqual(requester.statuses, ['accepted', 'accepted', 'rejected']);
  assert.deepEqual([requester.last.error?.code, requester.last.error?.retryable], ['busy', true]);
  executor.submit(request('other', {}, { id: 'd' }), requester);
  assert.equal(requester.last.status, 'accepted');
});

test('executor is busy when as many run in all as may', async () => {
  const { executor, requester } = bench(never, { maxRunning: 2 });
  executor.submit(request('work', {}, { id: 'a' }), requester);
  executor.submit(request('other', {}, { id: 'b' }), requester);
  executor.submit(request('other', {}, { id: 'c' }), requester);
  assert.equal(requester.last.error?.code, 'busy');
});

test('executor answers timed_out and aborts the command when it takes too long', async () => {
  let reason: unknown;
  const { executor, requester, clock } = bench(
    (_args, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          reject(signal.reason);
        }),
      ),
    { timeoutMs: 500 },
  );
  executor.submit(request('work', {}), requester);
  await clock.advance(499);
  assert.deepEqual(requester.statuses, ['accepted']);
  await clock.advance(1);
  assert.deepEqual(requester.statuses, ['accepted', 'timed_out']);
  assert.equal((reason as CamboxError).code, 'timed_out');
  await settle();
  assert.equal(executor.running, 0);
  assert.equal(requester.responses.length, 2);
});

test('executor counts a command as running until it has returned, also after its timeout', async () => {
  const { executor, requester, clock } = bench(never, { timeoutMs: 500, atOnce: 1 });
  executor.submit(request('work', {}), requester);
  await clock.advance(500);
  executor.submit(request('work', {}, { id: 'b' }), requester);
  assert.equal(requester.last.error?.code, 'busy');
});

test('executor tells running commands to finish and waits for their answers when it is disposed', async () => {
  const { executor, requester } = bench(
    (_args, { signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve({ ok: true, result: 'saved' }))),
  );
  executor.submit(request('work', {}), requester);
  await executor[Symbol.asyncDispose]();
  assert.deepEqual([requester.last.status, requester.last.result], ['succeeded', 'saved']);
  executor.submit(request('work', {}, { id: 'b' }), requester);
  assert.equal(requester.last.error?.code, 'busy');
});

test('executor answers interrupted for a command that does not finish at shutdown', async () => {
  const { executor, requester, clock } = bench(never);
  executor.submit(request('work', {}), requester);
  const closed = executor[Symbol.asyncDispose]();
  await clock.advance(10_000);
  await closed;
  assert.deepEqual([requester.last.status, requester.last.error?.code], ['failed', 'interrupted']);
});

test('executor remembers the latest 1000 finished commands and no more', async () => {
  const { executor, runs } = bench(done);
  const requester = new RecordingRequester();
  for (let i = 0; i <= 1000; i++) {
    executor.submit(request('work', {}, { id: `id-${i}` }), requester);
    await settle();
  }
  executor.submit(request('work', {}, { id: 'id-1' }), requester);
  assert.equal(requester.last.duplicate, true);
  executor.submit(request('work', {}, { id: 'id-0' }), requester);
  assert.equal(requester.last.duplicate, false);
  assert.equal(runs(), 1002);
});

test('executor runs a command when the journal has it, and answers when the journal has the end', async () => {
  const journal = new SlowJournal();
  const { executor, requester, runs } = bench(done, { journal });
  const again = new RecordingRequester();
  const known: string[] = [];
  void executor.submit(request('work', {}), requester).then(() => known.push('first'));
  void executor.submit(request('work', {}), again).then(() => known.push('again'));
  await settle();
  assert.deepEqual([requester.statuses, runs(), known], [[], 0, []]);
  await journal.written();
  assert.deepEqual([requester.statuses, runs(), known.toSorted()], [['accepted'], 1, ['again', 'first']]);
  await journal.written();
  assert.deepEqual(requester.statuses, ['accepted', 'succeeded']);
});

test('executor does not run a command when it is disposed before the journal has it', async () => {
  const journal = new SlowJournal();
  const { executor, requester, runs } = bench(done, { journal });
  void executor.submit(request('work', {}), requester);
  const closed = executor[Symbol.asyncDispose]();
  await settle();
  await journal.written();
  await journal.written();
  await closed;
  assert.deepEqual(
    [requester.statuses, requester.last.error?.code, runs()],
    [['accepted', 'failed'], 'interrupted', 0],
  );
});
