import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { ClipSources } from '../../../src/app/editing/clip-sources.ts';
import { RecordingFolder } from '../../support/recording-folder.ts';

test('jobs find the same clips in the catalogue as in the folder', async () => {
  using folder = new RecordingFolder();
  await folder.record('a', 'b', 'c');
  await using archive = await folder.open();
  await folder.reconcile(archive);
  const [byCatalogue, byFolder] = [new ClipSources(folder.dir, archive), new ClipSources(folder.dir, undefined)];
  const all = await byFolder.begunIn('front', 0, Number.MAX_SAFE_INTEGER, 10);
  const picked = ({ clip, path, camera, startedMs, durationMs }: (typeof all)[number]) => [
    ...[clip, path, camera, startedMs, durationMs],
  ];
  assert.equal(all.length, 3);
  for (const most of [10, 2]) {
    const found = await byCatalogue.begunIn('front', 0, Number.MAX_SAFE_INTEGER, most);
    assert.deepEqual(found.map(picked), all.slice(0, most).map(picked));
  }
  const { startedMs } = all[1]!;
  for (const sources of [byCatalogue, byFolder]) {
    assert.deepEqual(await sources.begunIn('rear', 0, Number.MAX_SAFE_INTEGER, 10), []);
    assert.deepEqual(
      (await sources.begunIn('front', startedMs!, Number.MAX_SAFE_INTEGER, 10)).map(({ clip }) => clip),
      all.filter((clip) => clip.startedMs! >= startedMs!).map(({ clip }) => clip),
    );
    assert.deepEqual(
      (await sources.these(['c', 'a'])).map(({ clip }) => clip),
      ['c', 'a'],
    );
    await assert.rejects(sources.these(['a', 'x']), { code: 'not_found' });
    assert.deepEqual(picked(await sources.one('b')), picked(all.find(({ clip }) => clip === 'b')!));
    await assert.rejects(sources.one('x'), { code: 'not_found' });
  }
});

test('jobs find a clip that the catalogue does not know yet, and none whose file is gone', async () => {
  using folder = new RecordingFolder();
  await folder.record('a', 'b');
  await using archive = await folder.open();
  await folder.reconcile(archive);
  await archive.forget(['a']);
  rmSync(folder.path('b.mp4'));
  const sources = new ClipSources(folder.dir, archive);
  assert.equal((await sources.one('a')).camera, 'front');
  await assert.rejects(sources.one('b'), { code: 'not_found' });
});
