import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type StagedInstall, stageInstall } from '../../support/staged-install.ts';

const EX_UNAVAILABLE = 69;

interface Started {
  readonly args: readonly string[];
  readonly execArgv: readonly string[];
  readonly execPath: string;
  readonly env: Readonly<Record<string, string>>;
}

function launch(installed: StagedInstall, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const launcher = join(installed.root, 'usr/bin/cambox');
  return spawnSync(launcher, args, { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', ...env } });
}

/** A PATH with the few tools that the launcher uses, and with `node` if one is given. */
async function makePath(installed: StagedInstall, node?: string): Promise<string> {
  const folder = join(installed.root, 'path');
  await mkdir(folder);
  for (const tool of ['dirname', 'readlink', 'sh']) await symlink(join('/usr/bin', tool), join(folder, tool));
  if (node !== undefined) await writeFile(join(folder, 'node'), node, { mode: 0o755 });
  return folder;
}

test('the launcher starts the runtime beside it with small memory when one is there', async () => {
  await using installed = await stageInstall();
  const node = join(installed.root, 'usr/lib/cambox/node');
  await symlink(process.execPath, node);
  const { status, stdout, stderr } = launch(installed, ['run', '--config', 'a b.json'], {
    CACHE_DIRECTORY: '/var/cache/cambox',
  });
  assert.equal(status, 0, stderr);
  const started: Started = JSON.parse(stdout);
  assert.deepEqual(started.args, ['run', '--config', 'a b.json']);
  assert.deepEqual(started.execArgv, ['--max-semi-space-size=1', '--max-old-space-size=96']);
  assert.equal(started.execPath, process.execPath);
  assert.deepEqual(started.env, {
    NODE_COMPILE_CACHE: '/var/cache/cambox/cambox-compiled',
    MALLOC_ARENA_MAX: '1',
    UV_THREADPOOL_SIZE: '16',
  });
});

test('the launcher starts the node of the PATH when none is beside it', async () => {
  await using installed = await stageInstall();
  const path = await makePath(installed, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
  const { status, stdout, stderr } = launch(installed, ['status'], { PATH: path });
  assert.equal(status, 0, stderr);
  assert.deepEqual((JSON.parse(stdout) as Started).args, ['status']);
});

for (const version of ['v20.19.4', 'v22.17.1', 'v9.0.0', 'nonsense']) {
  test(`the launcher names what is needed and what is there when node is ${version}`, async () => {
    await using installed = await stageInstall();
    const path = await makePath(installed, `#!/bin/sh\necho ${version}\n`);
    const { status, stderr } = launch(installed, ['status'], { PATH: path });
    assert.equal(status, EX_UNAVAILABLE);
    assert.equal(
      stderr,
      `cambox: Cannot start as Node.js >= 22.18 is needed: ${path}/node is ${version}. ` +
        `Install a newer Node.js, or put its binary at ${installed.root}/usr/lib/cambox/node\n`,
    );
  });
}

for (const version of ['v22.18.0', 'v23.0.0', 'v24.21.0']) {
  test(`the launcher takes node when it is ${version}`, async () => {
    await using installed = await stageInstall();
    const path = await makePath(installed, `#!/bin/sh\n[ "$1" = --version ] && echo ${version} || echo started\n`);
    assert.equal(launch(installed, ['status'], { PATH: path }).stdout, 'started\n');
  });
}

test('the launcher says what to install when there is no node at all', async () => {
  await using installed = await stageInstall();
  const { status, stderr } = launch(installed, ['status'], { PATH: await makePath(installed) });
  assert.equal(status, EX_UNAVAILABLE);
  assert.match(
    stderr,
    /^cambox: Cannot start as Node\.js >= 22\.18 is needed: there is no node in PATH and no .*\. Install Node\.js/,
  );
});

test('the launcher names the missing file when the program is not there', async () => {
  await using installed = await stageInstall();
  await rm(join(installed.root, 'usr/lib/cambox/cambox.mjs'));
  const { status, stderr } = launch(installed, ['status']);
  assert.equal(status, EX_UNAVAILABLE);
  assert.match(stderr, /cambox\.mjs is missing or not readable/);
});
