import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import { Child } from '../../../../src/record/child/child.ts';
import { CgroupCaps } from '../../../../src/record/memory/cgroup-caps.ts';
import { PolledCaps } from '../../../../src/record/memory/polled-caps.ts';
import { Delegation } from '../../../../src/systemd/cgroup/delegation.ts';
import { LogCollector } from '../../../support/log-collector.ts';

test('a child whose control group cannot be made is polled instead, and that is told', async () => {
  // a folder in which groups have no files: as if the system were out of control groups
  const folder = mkdtempSync(join(tmpdir(), 'cambox-service-'));
  mkdirSync(join(folder, 'supervisor'));
  const files = { 'cgroup.controllers': 'memory\n', 'cgroup.procs': '', 'cgroup.subtree_control': '' };
  for (const [name, text] of Object.entries({ ...files, 'supervisor/cgroup.procs': '' })) {
    writeFileSync(join(folder, name), text);
  }
  const delegation = await Delegation.open({ folder });
  assert.ok(delegation instanceof Delegation);
  const logs = new LogCollector();
  const caps = new CgroupCaps(delegation, new PolledCaps(SYSTEM_CLOCK), SYSTEM_CLOCK, logs);
  const place = await caps.place({ memoryBytes: 2 ** 26, cpuWeight: 100 });
  const child = await Child.spawn('true', [], SYSTEM_CLOCK, { place });
  const { code, memory } = await child.exited;
  assert.deepEqual([code, memory?.by, memory?.capBytes], [0, 'rss_poll', 2 ** 26]);
  assert.deepEqual(logs.events, ['cgroup_failed']);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('ffmpeg')),
    [],
  );
  rmSync(folder, { recursive: true });
});
