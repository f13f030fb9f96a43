import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { processCpuMs } from '../../../../src/record/memory/process-cpu.ts';

test('processor time of a process is read whatever its name, and is unknown when it is gone', async () => {
  const root = mkdtempSync(join(tmpdir(), 'cambox-proc-'));
  mkdirSync(join(root, '7'));
  const fields = ['S', 1, 7, 7, 0, -1, 4194304, 100, 0, 0, 0, 123, 45, 0, 0, 20, 0, 1];
  writeFileSync(join(root, '7/stat'), `7 (a) b (c) ${fields.join(' ')}\n`);
  assert.equal(await processCpuMs(7, root), 1680);
  assert.equal(await processCpuMs(8, root), undefined);
  rmSync(root, { recursive: true });
});

test('processor time of this process is what Node says', async () => {
  const { user, system } = process.cpuUsage();
  const ms = await processCpuMs(process.pid);
  assert.ok(ms !== undefined && Math.abs(ms - (user + system) / 1000) < 100, `${ms} ms`);
});
