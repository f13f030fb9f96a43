import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CliIo } from '../../../src/cli/cli-command.ts';
import { progressBar } from '../../../src/cli/progress-bar.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function barAt() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const bar = progressBar({ status: (line: string) => lines.push(line) } as unknown as CliIo, clock);
  return { clock, lines, bar };
}

test('a progress bar grows, and tells how long it will go on as it did so far', async () => {
  const { clock, lines, bar } = barAt();
  await clock.advance(10_000);
  bar.show(0.25, '1/4 clips');
  assert.equal(lines[0], '[########......................]  25 %  1/4 clips, 30 s left');
});

test('a progress bar makes no guess at the start, and none at the end', async () => {
  const { clock, lines, bar } = barAt();
  await clock.advance(10_000);
  bar.show(0.001, 'x');
  bar.show(1, 'x');
  assert.deepEqual(lines, [`[${'.'.repeat(30)}]   0 %  x`, `[${'#'.repeat(30)}] 100 %  x`]);
});

test('a progress bar is taken away', () => {
  const { lines, bar } = barAt();
  bar.show(0.5, 'x');
  bar.clear();
  assert.equal(lines.at(-1), '');
});
