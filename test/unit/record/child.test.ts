import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { CamboxError } from '../../../src/base/errors.ts';
import { Child } from '../../../src/record/child.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { until } from '../../support/until.ts';

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
  const ended = child.stop('enough');
  await clock.advance(5000);
  const exit = await ended;
  assert.deepEqual([exit.signal, exit.rung], ['SIGTERM', 'sigterm']);
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
