import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { shellTimesMs, timedByShell } from '../../../../src/record/child/shell-times.ts';

test('shell times are those of the program, at the end of what it wrote', () => {
  assert.equal(shellTimesMs('[info] words\n0m0.010000s 0m0.020000s\n1m2.500000s 0m0.250000s\n'), 62_750);
  assert.equal(shellTimesMs('[info] words\n0m0.01s 0m0.02s\n0m0.05s 0m0.02s'), 70);
});

test('shell times are unknown when the program was killed with its shell', () => {
  assert.equal(shellTimesMs('[info] words\n'), undefined);
});

test('a program timed by the shell keeps its arguments and its exit code', () => {
  const { program, args } = timedByShell('/bin/sh', ['-c', 'echo "$1" >&2; exit 7', 'sh', `a 'b' $c`]);
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 7);
  assert.match(stderr, /^a 'b' \$c\n/);
  assert.notEqual(shellTimesMs(stderr), undefined);
});

test('shell times count the processor time that a program used', () => {
  const busy = timedByShell(process.execPath, ['-e', 'const end = Date.now() + 300; while (Date.now() < end);']);
  const { stderr } = spawnSync(busy.program, busy.args, { encoding: 'utf8' });
  assert.ok(shellTimesMs(stderr)! >= 100, stderr);
});
