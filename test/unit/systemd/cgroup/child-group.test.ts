import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ChildGroup, type GroupReading } from '../../../../src/systemd/cgroup/child-group.ts';

/** What a group with these files reads like. */
async function reading(files: Readonly<Record<string, string>>): Promise<GroupReading> {
  const folder = mkdtempSync(join(tmpdir(), 'cambox-group-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await new ChildGroup(folder).read();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const FILES = {
  'memory.current': '50000\n',
  'memory.peak': '60000\n',
  'memory.stat': 'anon 20000\nfile 25000\ninactive_file 15000\nactive_file 8000\nslab_reclaimable 1000\n',
  'memory.events': 'low 0\nhigh 0\nmax 3\noom 0\noom_kill 0\noom_group_kill 0\n',
  'cpu.stat': 'usage_usec 1234567\nuser_usec 1\n',
};

test('what a group holds is what is left when the kernel has taken back all it can', async () => {
  assert.deepEqual(await reading(FILES), {
    chargedBytes: 50_000,
    peakBytes: 60_000,
    heldBytes: 26_000,
    cpuMs: 1235,
    oomKills: 0,
    hitCap: false,
  });
});

test('a kill at its own cap is told from one that came from above', async () => {
  const own = await reading({ ...FILES, 'memory.events': 'max 9\noom 1\noom_kill 2\n' });
  assert.deepEqual([own.oomKills, own.hitCap], [2, true]);
  const above = await reading({ ...FILES, 'memory.events': 'max 0\noom 0\noom_kill 1\n' });
  assert.deepEqual([above.oomKills, above.hitCap], [1, false]);
});

test('what an older kernel does not tell is undefined, and no zero', async () => {
  const { 'memory.peak': _, ...older } = FILES;
  assert.equal((await reading(older)).peakBytes, undefined);
  const gone = { chargedBytes: undefined, peakBytes: undefined, heldBytes: undefined, cpuMs: undefined };
  assert.deepEqual(await reading({}), { ...gone, oomKills: 0, hitCap: false });
});
