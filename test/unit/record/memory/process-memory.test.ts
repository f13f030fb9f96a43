import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { processMemory } from '../../../../src/record/memory/process-memory.ts';

const MIB = 2 ** 20;

test('the memory of a process counts what it has started', async () => {
  // tail keeps 40 MB until its input ends, which it does not
  const shell = spawn('sh', ['-c', '(head -c 40m /dev/zero; echo full >&2; sleep 1000) | tail -c 40m'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  try {
    await once(shell.stderr, 'data');
    let bytes = 0;
    for (let i = 0; i < 200 && bytes < 40 * MIB; i++) bytes = await processMemory(shell.pid!);
    assert.ok(bytes > 38 * MIB && bytes < 60 * MIB, `${bytes} bytes`);
  } finally {
    process.kill(-shell.pid!, 'SIGKILL');
    await once(shell, 'close');
  }
});

test('a process that is gone has none', async () => {
  assert.equal(await processMemory(2 ** 22 + 1), 0);
});
