import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClipResult } from '../../../../src/record/clip/clip.ts';
import { WholeClip } from '../../../../src/record/clip/whole-clip.ts';

const FILE: ClipResult = {
  ...{ clip: 'door', camera: 'front', label: 'gate', state: 'ready', end: 'max_length', path: '/c/door.mp4' },
  ...{ encoder: 'libx264', frames: 90, duration_ms: 3000, pre_roll_asked_ms: 2000, pre_roll_got_ms: 1900 },
  ...{ gaps: [], bytes: 1000, started_at: '2026-01-02T03:04:05.000Z', continued_by: 'door-2' },
  memory: { by: 'cgroup', cap_bytes: 3, peak_bytes: 2, held_bytes: 1 },
};
const LATER: ClipResult = {
  ...{ clip: 'door-2', camera: 'front', label: 'gate', state: 'ready', end: 'stopped', path: '/c/door-2.mp4' },
  ...{ encoder: 'copy', encoder_reason: 'libx264: it failed', frames: 30, duration_ms: 1000 },
  ...{ pre_roll_asked_ms: 0, pre_roll_got_ms: 0, bytes: 500, started_at: '2026-01-02T03:04:08.000Z' },
  ...{ gaps: [{ at_ms: 0, lost_ms: 100, frames: 3, where: 'queue' }], continues: 'door' },
};

async function wholeOf(...results: readonly ClipResult[]) {
  const whole = new WholeClip();
  for (const result of results) whole.add(Promise.resolve(result));
  return await whole.result();
}

test('clip of one file is told as that file', async () => {
  assert.deepEqual(await wholeOf(FILE), FILE);
});

test('clip of several files begins as the first, ends as the last, and has what is in all of them', async () => {
  const gaps = [{ at_ms: 10, lost_ms: 33, frames: 1, where: 'source' as const }];
  const whole = await wholeOf({ ...FILE, extended: 1, gaps }, { ...LATER, extended: 2, detail: 'odd' });
  const { files, ...result } = whole!;
  assert.deepEqual(result, {
    ...{ clip: 'door', camera: 'front', label: 'gate', state: 'ready', end: 'stopped', path: '/c/door.mp4' },
    ...{ encoder: 'copy', encoder_reason: 'libx264: it failed', frames: 120, duration_ms: 4000 },
    ...{ pre_roll_asked_ms: 2000, pre_roll_got_ms: 1900, bytes: 1500, started_at: FILE.started_at },
    ...{ gaps: [...gaps, { ...LATER.gaps[0], at_ms: 3000 }], extended: 3, detail: 'odd', file_count: 2 },
  });
  assert.deepEqual(
    files?.map(({ path, encoder, frames }) => [path, encoder, frames]),
    [
      ['/c/door.mp4', 'libx264', 90],
      ['/c/door-2.mp4', 'copy', 30],
    ],
  );
});

test('clip whose last file was lost is interrupted, and failed when it has no file at all', async () => {
  const lost = { ...LATER, state: 'failed', end: 'disk_failed', path: null, frames: 0, duration_ms: 0 } as const;
  assert.deepEqual([(await wholeOf(FILE, lost))?.state, (await wholeOf(FILE, lost))?.path], ['interrupted', FILE.path]);
  assert.equal((await wholeOf({ ...FILE, state: 'failed', path: null, frames: 0 }, lost))?.state, 'failed');
});

test('clip whose first file has nothing in it begins with the second', async () => {
  const empty = { ...FILE, state: 'failed', path: null, frames: 0, duration_ms: 0, pre_roll_got_ms: 0 } as const;
  const whole = await wholeOf(empty, { ...LATER, pre_roll_asked_ms: 3000, pre_roll_got_ms: 2500 });
  assert.deepEqual([whole?.clip, whole?.path, whole?.started_at], ['door', LATER.path, LATER.started_at]);
  assert.equal(whole?.pre_roll_got_ms, 1500, 'half a second of the past is missing');
});

test('clip of many files names the newest ones and counts all', async () => {
  const files = Array.from({ length: 100 }, (_, i) => ({ ...LATER, clip: `door-${i}` }));
  const whole = await wholeOf(...files);
  assert.deepEqual([whole?.file_count, whole?.files?.length, whole?.files?.at(-1)?.clip], [100, 32, 'door-99']);
  assert.equal(whole?.gaps.length, 100);
});

test('clip is over when no more files come, also those that are added while it is waited for', async () => {
  const whole = new WholeClip();
  const [first, second] = [Promise.withResolvers<ClipResult>(), Promise.withResolvers<ClipResult>()];
  whole.add(first.promise);
  const result = whole.result();
  whole.add(second.promise);
  second.resolve(LATER); // a short last file may be over before the one that goes before it
  first.resolve(FILE);
  assert.equal((await result)?.file_count, 2);
});
