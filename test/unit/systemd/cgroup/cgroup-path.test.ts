import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ownCgroupFolder } from '../../../../src/systemd/cgroup/cgroup-path.ts';

const mountOf = (root: string, point: string): string =>
  [
    '21 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw',
    `24 21 0:22 ${root} ${point} rw,nosuid,nodev shared:8 master:2 - cgroup2 cgroup2 rw,nsdelegate`,
    '',
  ].join('\n');

const UNIFIED = mountOf('/', '/sys/fs/cgroup');

test('the group of a service is below the mount', () => {
  const folder = ownCgroupFolder('0::/cambox.slice/cambox.service\n', UNIFIED);
  assert.equal(folder, '/sys/fs/cgroup/cambox.slice/cambox.service');
});

test('on a hybrid system the group is where cgroup v2 is mounted, whatever v1 has', () => {
  const cgroup = '4:memory:/x\n1:name=systemd:/y\n0::/system.slice/z.service\n';
  const folder = ownCgroupFolder(cgroup, mountOf('/', '/sys/fs/cgroup/unified'));
  assert.equal(folder, '/sys/fs/cgroup/unified/system.slice/z.service');
});

test('of a part of the hierarchy that is mounted, only what is below it is there', () => {
  const part = mountOf('/docker/abc', '/sys/fs/cgroup');
  assert.equal(ownCgroupFolder('0::/docker/abc/inner\n', part), '/sys/fs/cgroup/inner');
  assert.equal(ownCgroupFolder('0::/docker/abc\n', part), '/sys/fs/cgroup');
  assert.equal(ownCgroupFolder('0::/docker/abcd\n', part), undefined);
});

test('blanks in the path of the mount are read', () => {
  assert.equal(ownCgroupFolder('0::/a\n', mountOf('/', '/sys/my\\040groups')), '/sys/my groups/a');
});

test('there is no group where cgroup v2 is not mounted, or the process is outside of the namespace', () => {
  assert.equal(ownCgroupFolder('0::/a\n', ''), undefined);
  assert.equal(ownCgroupFolder('4:memory:/a\n', UNIFIED), undefined);
  assert.equal(ownCgroupFolder('0::/../outside\n', UNIFIED), undefined);
});

test('what this machine tells is read without a complaint', () => {
  const [cgroup, mountinfo] = ['cgroup', 'mountinfo'].map((file) => readFileSync(`/proc/self/${file}`, 'utf8'));
  const folder = ownCgroupFolder(cgroup!, mountinfo!);
  if (folder !== undefined) assert.match(readFileSync(`${folder}/cgroup.procs`, 'utf8'), /^\d+$/m);
});
