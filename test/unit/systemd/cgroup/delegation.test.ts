import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Delegation } from '../../../../src/systemd/cgroup/delegation.ts';

/** A folder that looks like a service's group with this process in it; plain files take whatever is written. */
class FakeGroup implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'cambox-service-'));

  constructor(files: Readonly<Record<string, string>> = {}) {
    const usual = { 'cgroup.controllers': 'cpuset cpu io memory pids\n', 'cgroup.procs': `${process.pid}\n` };
    const supervisor = { 'supervisor/cgroup.procs': '', 'supervisor/cpu.weight': '100\n' };
    mkdirSync(join(this.folder, 'supervisor'));
    for (const [name, text] of Object.entries({ ...usual, 'cgroup.subtree_control': '', ...supervisor, ...files })) {
      writeFileSync(join(this.folder, name), text);
    }
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  async open(folder = this.folder): Promise<Delegation | { fault: string; reason: string; remedy: string }> {
    return Delegation.open({ folder });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

async function fault(group: FakeGroup): Promise<string> {
  const answer = await group.open();
  assert.ok(!(answer instanceof Delegation));
  assert.ok(answer.remedy.length > 20 && answer.reason.length > 10);
  return answer.fault;
}

test('the daemon moves into its sub-group and gives it the most of the processor', async () => {
  using group = new FakeGroup();
  const delegation = await group.open();
  assert.ok(delegation instanceof Delegation);
  assert.equal(delegation.dir, group.folder);
  assert.equal(group.read('supervisor/cgroup.procs'), String(process.pid));
  assert.equal(group.read('supervisor/cpu.weight'), '1000');
  assert.match(group.read('cgroup.subtree_control'), /\+(memory|pids|cpu)/);
});

test('a daemon that systemd has started in the sub-group divides the group above it', async () => {
  using group = new FakeGroup({ 'cgroup.procs': '' });
  const delegation = await group.open(join(group.folder, 'supervisor'));
  assert.ok(delegation instanceof Delegation && delegation.dir === group.folder);
});

test('groups of an earlier run are removed', async () => {
  using group = new FakeGroup();
  mkdirSync(join(group.folder, 'ffmpeg-3'));
  mkdirSync(join(group.folder, 'other'));
  await group.open();
  assert.deepEqual(
    readdirSync(group.folder).filter((name) => !name.startsWith('cgroup')),
    ['other', 'supervisor'],
  );
});

test('a group without the memory controller cannot be divided, and the remedy names the Raspberry Pi', async () => {
  using group = new FakeGroup({ 'cgroup.controllers': 'cpuset cpu io pids\n' });
  assert.equal(await fault(group), 'no_memory_controller');
  const answer = await group.open();
  assert.ok(!(answer instanceof Delegation) && answer.remedy.includes('cgroup_enable=memory'));
});

test('a group with other processes in it is left as it is', async () => {
  using group = new FakeGroup({ 'cgroup.procs': `1\n${process.pid}\n` });
  assert.equal(await fault(group), 'not_alone');
  assert.equal(group.read('supervisor/cgroup.procs'), '');
});

test('the daemon moves back when the group cannot be divided after all', async () => {
  using group = new FakeGroup({ 'cgroup.procs': '' });
  rmSync(join(group.folder, 'cgroup.subtree_control'));
  mkdirSync(join(group.folder, 'cgroup.subtree_control'));
  assert.equal(await fault(group), 'cgroup_failed');
  assert.equal(group.read('cgroup.procs'), String(process.pid));
});

test('a machine without cgroup v2 says so', async () => {
  const answer = await Delegation.open({ procRoot: '/nonexistent' });
  assert.ok(!(answer instanceof Delegation));
  assert.equal(answer.fault, 'no_cgroup2');
});
