import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { test } from 'node:test';
import type { ClipArchive } from '../../../src/record/archive/clip-archive.ts';
import { removeLeftovers } from '../../../src/record/whole-file.ts';
import { CUTS } from '../../support/made-records.ts';
import { decodedFrames } from '../../support/recorder-rig.ts';
import { RecordingFolder } from '../../support/recording-folder.ts';

/** Whatever changes a file or makes it last. */
const STEPS = 'pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat';
const MOST_STEPS = 200;

test('a clip or cut is there wholly or not at all, and one deleted is gone or whole, when finishing and deleting stop at any step', async (t) => {
  using template = new RecordingFolder();
  await template.record('old', 'new');
  {
    await using archive = await template.open();
    await template.reconcile(archive);
    await archive.forget(['new']);
    await archive.made.put([CUTS.old]);
  }
  const frames = decodedFrames(template.path('new.mp4'));
  const cut = ['-c', 'copy', '-metadata', 'comment=', template.path(CUTS.old.file)];
  execFileSync('ffmpeg', ['-v', 'error', '-i', template.path('new.mp4'), ...cut]);
  cpSync(template.path(CUTS.old.file), `${template.path(CUTS.new.file)}.part`);
  const { size: cutBytes } = statSync(template.path(CUTS.old.file));
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
    await removeLeftovers(folder.dir);
    await using archive = await folder.open();
    await folder.reconcile(archive);
    checkCuts(folder, archive, { promised: stdout, cutBytes, step });
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
  if (!promised.includes('added')) assert.ok(old, `${at}: it is gone before its deletion was begun`);
  if (promised.includes('deleted')) assert.equal(old, undefined, at);
  assert.deepEqual(
    readdirSync(folder.dir).filter((name) => name.endsWith('.partial')),
    [],
    at,
  );
}

/** One that was not finished is gone; a row there is where there is a file. */
function checkCuts(
  folder: RecordingFolder,
  archive: ClipArchive,
  { promised, cutBytes, step }: Omit<Expected, 'frames'> & { readonly cutBytes: number },
): void {
  const at = `stopped at step ${step}`;
  for (const { file } of Object.values(CUTS)) {
    const made = archive.made.lookUp(file);
    assert.equal(existsSync(folder.path(file)), made !== undefined, at);
    if (made !== undefined) assert.equal(statSync(folder.path(file)).size, cutBytes, at);
  }
  if (/^made/m.test(promised)) assert.ok(archive.made.lookUp(CUTS.new.file), at);
  if (/^unmade/m.test(promised)) assert.equal(archive.made.lookUp(CUTS.old.file), undefined, at);
}
