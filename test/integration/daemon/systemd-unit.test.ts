import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { stageInstall } from '../../support/staged-install.ts';

/**
 * The exposure that `systemd-analyze security` may find, in tenths: 10 is bare, zigbee2mqtt's unit scores 9.2. (0.4 of it is for adjtimex,
 * by which the kernel tells whether the clock is right; it does not look at the capability that is missing to set it.)
 */
const MOST_EXPOSURE_TENTHS = 22;

function run(program: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined)
    throw new Error(`Cannot run ${program}: is the Debian package systemd installed?`, { cause: error });
  return { status, output: stdout + stderr };
}

const UNITS = ['cambox.service', 'cambox-usb-reset.socket', 'cambox-usb-reset@.service'];

test('the units are taken by systemd without a warning', async () => {
  await using installed = await stageInstall();
  const { root } = installed;
  // What the unit refers to on a real machine: the system's own units, and kill.
  await cp('/usr/lib/systemd/system', join(root, 'usr/lib/systemd/system'), { recursive: true });
  await mkdir(join(root, 'bin'));
  await copyFile('/bin/kill', join(root, 'bin/kill'));
  const verdict = run('systemd-analyze', 'verify', '--man=no', `--root=${root}`, ...UNITS);
  assert.deepEqual(verdict, { status: 0, output: '' }); // an unknown directive is a warning with status 0
});

for (const service of UNITS.filter((unit) => unit.endsWith('.service'))) {
  test(`${service} confines its program when systemd rates its exposure`, async () => {
    await using installed = await stageInstall();
    const { status, output } = run(
      'systemd-analyze',
      'security',
      '--offline=true',
      '--no-pager',
      `--threshold=${MOST_EXPOSURE_TENTHS}`,
      `--root=${installed.root}`,
      service,
    );
    assert.equal(status, 0, output);
  });
}

test('sysusers.d makes a user that cannot log in, and the cameras group', async () => {
  await using installed = await stageInstall();
  const { root } = installed;
  const { status, output } = run('systemd-sysusers', `--root=${root}`);
  assert.equal(status, 0, output);
  assert.match(
    await readFile(join(root, 'etc/passwd'), 'utf8'),
    /^cambox:x:\d+:\d+:Camera box:\/var\/lib\/cambox:\S*nologin$/m,
  );
  assert.match(await readFile(join(root, 'etc/group'), 'utf8'), /^video:x:\d+:/m);
});

test('tmpfiles.d makes the folders and has no rule that deletes clips by age', async () => {
  await using installed = await stageInstall();
  const { root } = installed;
  const rules = await readFile(join(root, 'usr/lib/tmpfiles.d/cambox.conf'), 'utf8');
  for (const rule of rules.split('\n').filter((line) => line !== '' && !line.startsWith('#'))) {
    assert.match(rule, /^d \S+ +0\d{3} \w+ +\w+ +-$/);
  }
});

test('installing again keeps the config', async () => {
  await using installed = await stageInstall();
  const config = join(installed.root, 'etc/cambox/config.json');
  await writeFile(config, '{"box":{"id":"mine"}}');
  await installed.install();
  assert.equal(await readFile(config, 'utf8'), '{"box":{"id":"mine"}}');
});
