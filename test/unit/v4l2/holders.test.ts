import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findHolders } from '../../../src/v4l2/holders.ts';

test('findHolders names a script by its own name, and tells the files of several apart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holders-'));
  const [held, free, script] = ['held', 'free', 'cambox.mjs'].map((name) => join(folder, name));
  writeFileSync(held!, '');
  writeFileSync(free!, '');
  const keepOpen = `import { openSync } from 'node:fs'; openSync('${held}'); console.log('open'); setInterval(() => 0, 1e6);`;
  writeFileSync(script!, keepOpen);
  const holder = spawn(process.execPath, ['--max-semi-space-size=1', script!, 'run'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(holder.stdout, 'data');
    const holders = await findHolders(held!, free!);
    assert.deepEqual(holders.get(held!), [{ pid: holder.pid, command: 'cambox' }]);
    assert.deepEqual(holders.get(free!), []);
  } finally {
    holder.kill();
    rmSync(folder, { recursive: true });
  }
});
