import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import type { ClipArchive } from '../../src/record/archive/clip-archive.ts';
import { decodedFrames } from '../support/recorder-rig.ts';
import { RecordingFolder } from '../support/recording-folder.ts';

/** Whatever changes a file or makes it last. */
const STEPS = 'pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat';
const MOST_STEPS = 200;

test('a clip is there wholly or not at all, and one deleted is gone or whole, when finishing and deleting stop at any step', async (t) => {
  using template = new RecordingFolder();
  await template.record('old', 'new');
  {
    await using archive = await template.open();
    await template.reconcile(archive);
    await archive.forget(['new']);
  }
  const frames = decodedFrames(template.path('new.mp4'));
  template.tear('new');
  using folder = new RecordingFolder();
  let step = 0;
  for (let ended = false; !ended; ) {
    step += 1;
    assert.ok(step < MOST_STEPS, 'it never comes to its end');
    rmSync(folder.dir, { recursive: true });
    cpSync(template.dir, folder.dir, { recursive: true });
    const { status, stdout, stderr } = stopAtStep(step, folder.dir);
    assert.ok(status === 0 || status === 137 || status === null, `${status}: ${stderr}`);
    ended = status === 0;
    await using archive = await folder.open();
    await folder.reconcile(archive);
    check(folder, archive, { promised: stdout, frames, step });
  }
  t.diagnostic(`stopped at each of ${step - 1} steps`);
  assert.ok(step > 20, `only ${step} steps were seen`);
});

/** Runs the process until it is about to do its n-th step, and kills it there. */
function stopAtStep(n: number, dir: string) {
  const inject = ['-e', `trace=${STEPS}`, '-e', `inject=${STEPS}:signal=SIGKILL:when=${n}`];
  return spawnSync(
    'strace',
    ['-f', '-qqq', '-o', '/dev/null', ...inject, process.execPath, 'test/support/archive-process.ts', dir],
    // one thread, as strace counts the calls of each by itself
    { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' }, timeout: 60_000 },
  );
}

interface Expected {
  readonly promised: string;
  readonly frames: number;
  readonly step: number;
}

function check(folder: RecordingFolder, archive: ClipArchive, { promised, frames, step }: Expected): void {
  const at = `stopped at step ${step}`;
  const added = archive.get('new');
  assert.equal(decodedFrames(folder.path(added.file)), frames, at);
  assert.ok(added.state === 'ready' || added.state === 'recovered', at);
  if (promised.includes('added')) assert.equal(added.state, 'ready', at);
  const old = archive.lookUp('old');
  assert.equal(existsSync(folder.path('old.mp4')), old !== undefined, at);
  if (old !== undefined) assert.equal(old.state, 'ready', at);
  if (promised.includes('deleted')) assert.equal(old, undefined, at);
  assert.deepEqual(
    readdirSync(folder.dir).filter((name) => name.endsWith('.partial')),
    [],
    at,
  );
}
