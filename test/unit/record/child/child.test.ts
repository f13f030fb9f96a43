import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import { CamboxError } from '../../../../src/base/errors.ts';
import { Child, type ChildExit } from '../../../../src/record/child/child.ts';
import { cpuTicks } from '../../../../src/record/child/cpu-ticks.ts';
import type { ChildPlace, MemoryUse } from '../../../../src/record/memory/memory-caps.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { until } from '../../../support/until.ts';

const shell = (script: string, clock = new FakeClock()): Promise<Child> => Child.spawn('sh', ['-c', script], clock);

test('child ends by the end of its input when it heeds it', async () => {
  await using child = await shell('cat > /dev/null; exit 3');
  assert.deepEqual(await child.stop('enough'), {
    code: 3,
    signal: null,
    rung: 'end_of_input',
    stderr: '',
    memory: undefined,
  });
});

test('child is asked by SIGTERM after 5 s and killed a second later, with what it has started', async () => {
  const clock = new FakeClock();
  const child = await shell("trap '' TERM; sleep 1000 & echo ready >&2; wait; wait; sleep 1000", clock);
  const stderr = (): string => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  await until('the grandchild runs', () => stderr() !== '');
  const grandchild = Number(stderr().trim().split(' ')[0]);
  const ended = child.stop('enough');
  await clock.advance(4999);
  assert.ok(isAlive(child.pid));
  await clock.advance(1);
  await clock.advance(1000);
  const exit = await ended;
  assert.deepEqual([exit.code, exit.signal, exit.rung], [null, 'SIGKILL', 'sigkill']);
  await until('the grandchild is gone', () => !isAlive(grandchild));
});

test('child ends at the SIGTERM rung when it heeds that alone', async () => {
  const clock = new FakeClock();
  const child = await shell('exec sleep 1000', clock);
  await until('it sleeps', () => readFileSync(`/proc/${child.pid}/comm`, 'utf8') === 'sleep\n');
  const ended = child.stop('enough');
  await clock.advance(5000);
  const exit = await ended;
  assert.deepEqual([exit.signal, exit.rung], ['SIGTERM', 'sigterm']);
});

test('child that still works after the end of its input has half a minute for it', async () => {
  const clock = new FakeClock();
  const child = await shell("trap '' TERM; while :; do :; done", clock);
  const ended = child.stop('enough');
  for (let passed = 0; passed < 30_000; passed += 5000) {
    const before = cpuTicks(child.pid)!;
    await until('it works', () => cpuTicks(child.pid)! > before + 1);
    await clock.advance(4999);
    assert.ok(isAlive(child.pid), `after ${passed} ms`);
    await clock.advance(1);
  }
  await clock.advance(1000);
  assert.equal((await ended).rung, 'sigkill');
});

test('child keeps the first reason when it is told to end twice', async () => {
  await using child = await shell('cat > /dev/null');
  assert.equal(child.endReason, undefined);
  void child.stop('first');
  await child.stop('second');
  assert.equal(child.endReason, 'first');
});

test('child is killed half-way down the ladder when that is asked', async () => {
  const child = await shell('exec sleep 1000');
  void child.stop('enough');
  const exit = await child.kill('at once');
  assert.deepEqual([exit.signal, exit.rung], ['SIGKILL', 'sigkill']);
  assert.equal(child.endReason, 'enough');
});

test('child that ends by itself is reported with its last words', async () => {
  const child = await shell('head -c 100000 /dev/zero | tr "\\0" x >&2; echo last words >&2; exit 7');
  const exit = await child.exited;
  assert.deepEqual([exit.code, exit.rung], [7, 'none']);
  assert.ok(exit.stderr.endsWith('xlast words'));
  assert.ok(exit.stderr.length > 4000 && exit.stderr.length <= 4096);
});

test('child leads a process group of its own and does not see the sockets of systemd', async () => {
  process.env['NOTIFY_SOCKET'] = '/run/test-notify';
  try {
    const child = await shell('ps -o pgid= -p $$ >&2; echo "socket=$NOTIFY_SOCKET" >&2');
    const { stderr } = await child.exited;
    assert.deepEqual(
      stderr.split('\n').map((line) => line.trim()),
      [String(child.pid), 'socket='],
    );
  } finally {
    delete process.env['NOTIFY_SOCKET'];
  }
});

test('child that leaves a process behind with its pipes open is over a second later, and that process is ended', async () => {
  const clock = new FakeClock();
  const child = await shell('sleep 1000 & echo $! >&2; exit 4', clock);
  await until('it has ended', () => !isAlive(child.pid));
  await clock.advance(1000);
  const { code, stderr } = await child.exited;
  assert.equal(code, 4);
  await until('what it left behind is gone', () => !isAlive(Number(stderr)));
});

test('child without input reads the end of it at once, and is ended by SIGTERM', async () => {
  const args = ['-c', 'cat >&2; echo "input ended" >&2; exec sleep 1000'];
  const child = await Child.spawn('sh', args, new FakeClock(), { withoutInput: true });
  child.stdin.end('goes nowhere');
  await until('it sleeps', () => readFileSync(`/proc/${child.pid}/comm`, 'utf8') === 'sleep\n');
  const exit = await child.stop('enough');
  assert.deepEqual([exit.signal, exit.rung, exit.stderr], ['SIGTERM', 'sigterm', 'input ended']);
});

test('child hands on what it writes to stdout when that is wanted', async () => {
  let text = '';
  const onOutput = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  const child = await Child.spawn('sh', ['-c', 'echo one; echo two'], SYSTEM_CLOCK, { onOutput });
  await child.exited;
  assert.equal(text, 'one\ntwo\n');
});

test('child is killed before the daemon when the machine has no memory left', async () => {
  await using child = await shell('cat >/dev/null');
  await until('its score is set', () => readFileSync(`/proc/${child.pid}/oom_score_adj`, 'utf8') === '200\n');
});

test('child runs what its place makes of the command, and is over when the place is closed', async () => {
  const closing = Promise.withResolvers<MemoryUse>();
  const watched: number[] = [];
  const place: ChildPlace = {
    command: (program, args) => ({
      program: '/bin/sh',
      args: ['-c', 'echo placed >&2; exec "$@"', '-', program, ...args],
    }),
    watch: (pid) => watched.push(pid),
    soFar: { capBytes: 2, peakBytes: 1, heldBytes: 0 },
    close: () => closing.promise,
  };
  const child = await Child.spawn('cat', [], SYSTEM_CLOCK, { place });
  assert.equal(child.memory?.peakBytes, 1);
  const exits: ChildExit[] = [];
  void child.stop('enough').then((exit) => exits.push(exit));
  await until('it has ended', () => !isAlive(child.pid));
  assert.equal(exits.length, 0);
  const use: MemoryUse = { by: 'cgroup', capBytes: 2, peakBytes: 1, heldBytes: 1, cpuMs: 0, killed: undefined };
  closing.resolve(use);
  await until('it is over', () => exits.length > 0);
  assert.deepEqual([watched, exits[0]!.stderr, exits[0]!.memory], [[child.pid], 'placed', use]);
});

test('the place of a child that cannot be spawned is closed', async () => {
  let closed = 0;
  const place: ChildPlace = {
    command: (program, args) => ({ program, args }),
    watch: () => assert.fail('there is nothing to watch'),
    soFar: { capBytes: 1, peakBytes: 0, heldBytes: 0 },
    close: async () => {
      closed += 1;
      return { by: 'cgroup', capBytes: 1, peakBytes: 0, heldBytes: 0, cpuMs: 0, killed: undefined };
    },
  };
  await assert.rejects(Child.spawn('no-such-ffmpeg', [], SYSTEM_CLOCK, { place }), /not installed/);
  assert.equal(closed, 1);
});

test('child cannot be spawned and the error says how to install it when the program is missing', async () => {
  await assert.rejects(Child.spawn('/nonexistent/ffmpeg', [], SYSTEM_CLOCK), (thrown: unknown) => {
    assert.ok(thrown instanceof CamboxError);
    assert.equal(thrown.code, 'missing_program');
    assert.match(thrown.message, /Cannot run \/nonexistent\/ffmpeg as it is not installed\. .*apt-get install ffmpeg/);
    return true;
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
