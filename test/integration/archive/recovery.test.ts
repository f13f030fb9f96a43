import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { test } from 'node:test';
import type { ClipArchive } from '../../../src/record/archive/clip-archive.ts';
import { clipRecord } from '../../support/clip-records.ts';
import { decodedFrames } from '../../support/recorder-rig.ts';
import { FRAMES, RecordingFolder } from '../../support/recording-folder.ts';

test('archive finishes a clip that a power cut tore, and tells what is lost at most', async () => {
  using folder = new RecordingFolder();
  await folder.record('torn');
  const { size } = statSync(folder.path('torn.mp4'));
  folder.tear('torn', Math.floor(size * 0.9));
  await using archive = await folder.open();
  const found = await folder.reconcile(archive);
  const record = archive.get('torn');
  const { state, end, camera, label, class: ofClass, boot_id, clock_synced, lost_at_most_ms } = record;
  assert.deepEqual(
    { state, end, camera, label, ofClass, boot_id, clock_synced },
    ...[
      {
        state: 'recovered',
        end: 'power_cut',
        camera: 'front',
        label: 'label of torn',
        ofClass: 'patrol',
        boot_id: 'test-boot',
        clock_synced: true,
      },
    ],
  );
  assert.ok(lost_at_most_ms !== undefined && lost_at_most_ms >= 1450, String(lost_at_most_ms));
  assert.equal(decodedFrames(folder.path(record.file)), record.frames);
  assert.ok(record.frames < FRAMES);
  assert.deepEqual([found.recovered, found.failed, found.done, found.total], [1, 0, 1, 1]);
  assert.deepEqual(archive.find({ words: 'label torn', limit: 1 }).clips[0]?.clip, 'torn');
});

test('archive knows a recovered clip again when the catalogue is lost too', async () => {
  using folder = new RecordingFolder();
  await folder.record('torn');
  folder.tear('torn');
  {
    await using archive = await folder.open();
    await folder.reconcile(archive);
  }
  rmSync(folder.path('catalog.db'));
  await using archive = await folder.open();
  await folder.reconcile(archive);
  const { state, end, lost_at_most_ms } = archive.get('torn');
  assert.deepEqual([state, end, lost_at_most_ms !== undefined], ['recovered', 'power_cut', true]);
});

test('archive knows the class of a clip when the catalogue is lost', async () => {
  using folder = new RecordingFolder();
  await folder.record('whole');
  await using archive = await folder.open();
  await folder.reconcile(archive);
  const { clips } = archive.find({ class: 'patrol', limit: 10 });
  assert.deepEqual(
    clips.map(({ clip, class: ofClass }) => [clip, ofClass]),
    [['whole', 'patrol']],
  );
  assert.deepEqual(archive.find({ class: 'alarm', limit: 10 }).clips, []);
});

test('archive knows which class a clip was given later, and that its class was taken away', async () => {
  using folder = new RecordingFolder();
  await folder.record('promoted', 'common');
  const classes = (archive: ClipArchive) => {
    const found = (name: string) => archive.find({ class: name, limit: 10 }).clips.map(({ clip }) => clip);
    return [found('alarm'), found('patrol'), archive.get('common').class];
  };
  const wanted = [['promoted'], [], undefined];
  {
    await using archive = await folder.open();
    await folder.reconcile(archive);
    assert.deepEqual(
      archive.oldestOfClasses('').map(({ class: ofClass }) => ofClass),
      ['patrol'],
    );
    assert.equal((await archive.change('promoted', { class: 'alarm' })).class, 'alarm');
    assert.equal('class' in (await archive.change('common', { class: '' })), false);
    assert.deepEqual(classes(archive), wanted);
    assert.deepEqual(
      archive.oldestOfClasses('').map(({ class: ofClass }) => ofClass),
      ['', 'alarm'],
    );
  }
  rmSync(folder.path('catalog.db'));
  await using archive = await folder.open();
  await folder.reconcile(archive);
  assert.deepEqual(classes(archive), wanted);
});

test('archive knows which clips are protected when the catalogue is lost', async () => {
  using folder = new RecordingFolder();
  await folder.record('kept', 'free', 'freed');
  {
    await using archive = await folder.open();
    await folder.reconcile(archive);
    for (const clip of ['kept', 'freed']) await archive.change(clip, { protected: true });
    await archive.change('freed', { protected: false });
  }
  rmSync(folder.path('catalog.db'));
  await using archive = await folder.open();
  await folder.reconcile(archive);
  const isProtected = ['kept', 'free', 'freed'].map((clip) => archive.get(clip).protected);
  assert.deepEqual(isProtected, [true, false, false]);
});

test('archive knows what people wrote to a clip when the catalogue is lost, and the clip plays', async () => {
  using folder = new RecordingFolder();
  await folder.record('one');
  {
    await using archive = await folder.open();
    await folder.reconcile(archive);
    await archive.change('one', { notes: 'two foxes', protected: true });
    const changes = ['gate', 'north gate'].map((place) => archive.change('one', { place }));
    await Promise.all([...changes, archive.change('one', { label: '' }), archive.change('one', { class: 'keep' })]);
  }
  const frames = decodedFrames(folder.path('one.mp4'));
  rmSync(folder.path('catalog.db'));
  await using archive = await folder.open();
  await folder.reconcile(archive);
  const { label, place, notes, class: ofClass, protected: isProtected, frames: told } = archive.get('one');
  const words = [label, place, notes, ofClass];
  assert.deepEqual([words, isProtected, told], [['', 'north gate', 'two foxes', 'keep'], true, frames]);
  assert.equal(archive.find({ words: 'foxes north', limit: 1 }).clips.length, 1);
  assert.deepEqual(folder.logs.of('clip_not_marked'), []);
});

test('archive corrects the times of clips of this boot that came from a clock that was not right', async () => {
  using folder = new RecordingFolder();
  await using archive = await folder.open();
  const clips = Array.from({ length: 40 }, (_, n) =>
    clipRecord(n, { boot_id: 'now', clock_synced: false, label: 'early' }),
  );
  const others = [clipRecord(100, { boot_id: 'now' }), clipRecord(101, { boot_id: 'before', clock_synced: null })];
  await archive.put([...clips, ...others]);
  assert.equal(await archive.correctTimes('now', 3_600_000), 40);
  const { started_at, detail } = archive.get('clip-7');
  assert.equal(Date.parse(started_at) - Date.parse(clipRecord(7).started_at), 3_600_000);
  assert.match(detail!, /corrected by 3600 s/);
  for (const other of others) assert.deepEqual(archive.get(other.clip), other);
  const found = archive.find({ words: 'early', limit: 100 }).clips.map(({ clip }) => clip);
  assert.deepEqual(
    found,
    Array.from({ length: 40 }, (_, n) => `clip-${39 - n}`),
  );
});

test('archive adopts clips it does not know, and leaves files alone that are none', async () => {
  using folder = new RecordingFolder();
  await folder.record('one', 'two');
  writeFileSync(folder.path('holiday.mp4'), 'not ours');
  writeFileSync(folder.path('notes.txt'), 'not ours');
  await using archive = await folder.open();
  const found = await folder.reconcile(archive);
  assert.deepEqual([found.adopted, found.foreign], [2, 1]);
  assert.deepEqual(
    archive.find({ limit: 5 }).clips.map(({ clip, state }) => [clip, state]),
    [
      ['two', 'ready'],
      ['one', 'ready'],
    ],
  );
  assert.equal(archive.get('one').frames, FRAMES);
  assert.equal(readFileSync(folder.path('holiday.mp4'), 'utf8'), 'not ours');
});

test('archive marks a clip whose file is gone, and takes it back with its words when it is there again', async () => {
  using folder = new RecordingFolder();
  await folder.record('one');
  await using archive = await folder.open();
  await folder.reconcile(archive);
  await archive.change('one', { protected: true, notes: 'a fox' });
  const content = readFileSync(folder.path('one.mp4'));
  rmSync(folder.path('one.mp4'));
  await folder.reconcile(archive);
  assert.equal(archive.get('one').state, 'missing');
  assert.deepEqual(
    [archive.report()['clips'], archive.report()['bytes'], archive.report()['protected_bytes']],
    [1, 0, 0],
  );
  writeFileSync(folder.path('one.mp4'), content);
  await folder.reconcile(archive);
  const { state, protected: isProtected, notes } = archive.get('one');
  assert.deepEqual([state, isProtected, notes], ['ready', true, 'a fox']);
});

test('archive forgets the oldest of more than 1000 clips whose file is gone', async () => {
  using folder = new RecordingFolder();
  await using archive = await folder.open();
  const records = Array.from({ length: 1003 }, (_, n) => clipRecord(n, { state: n % 2 === 0 ? 'missing' : 'ready' }));
  await archive.put(records);
  const { missing, forgotten } = await folder.reconcile(archive);
  assert.deepEqual([missing, forgotten], [500, 3]);
  const kept = archive.files();
  assert.deepEqual(
    kept.map(({ clip }) => clip),
    records.slice(3).map(({ clip }) => clip),
  );
  assert.ok(kept.every(({ state }) => state === 'missing'));
});

test('archive waits for the disk once for many clips whose file is gone', async (t) => {
  using folder = new RecordingFolder();
  await using archive = await folder.open();
  await archive.put(Array.from({ length: 1600 }, (_, n) => clipRecord(n)));
  await using handle = await open('/dev/null');
  const { mock } = t.mock.method(Object.getPrototypeOf(handle) as FileHandle, 'datasync');
  const { missing, forgotten, done, total } = await folder.reconcile(archive);
  assert.deepEqual([missing, forgotten, done, total], [1000, 600, 1600, 1600]);
  assert.ok(mock.callCount() < 500, `${mock.callCount()} times`);
});

test('archive puts aside what nothing plays of, and removes what is empty', async () => {
  using folder = new RecordingFolder();
  await folder.record('torn');
  folder.tear('torn', 3000);
  writeFileSync(folder.path('empty.mp4.partial'), '');
  await using archive = await folder.open();
  const found = await folder.reconcile(archive);
  assert.equal(found.quarantined, 1);
  assert.deepEqual(readdirSync(folder.path('quarantine')), ['torn.mp4.partial']);
  assert.equal(existsSync(folder.path('empty.mp4.partial')), false);
});

test('archive leaves alone what is being recorded', async () => {
  using folder = new RecordingFolder();
  await folder.record('busy');
  folder.tear('busy');
  await using archive = await folder.open();
  await folder.reconcile(archive, ['busy']);
  assert.ok(existsSync(folder.path('busy.mp4.partial')));
});

for (const [damage, spoil] of [
  ['overwritten', (path: string) => writeFileSync(path, Buffer.alloc(statSync(path).size, 'x'))],
  ['cut off', (path: string) => truncateSync(path, 5000)],
] as const) {
  test(`archive is made anew from the clips when the catalogue is ${damage}`, async () => {
    using folder = new RecordingFolder();
    await folder.record('one');
    {
      await using archive = await folder.open();
      await folder.reconcile(archive);
    }
    spoil(folder.path('catalog.db'));
    await using archive = await folder.open();
    assert.equal(archive.rebuilt, true);
    await folder.reconcile(archive);
    assert.equal(archive.get('one').state, 'ready');
    assert.deepEqual(folder.logs.of('catalog_damaged').length, 1);
    assert.ok(existsSync(folder.path('catalog.db.damaged-1')));
  });
}

test('archive refuses to delete a protected clip, and keeps its file', async () => {
  using folder = new RecordingFolder();
  await folder.record('one');
  await using archive = await folder.open();
  await folder.reconcile(archive);
  await archive.change('one', { protected: true });
  await assert.rejects(archive.delete('one'), { code: 'conflict' });
  assert.ok(existsSync(folder.path('one.mp4')));
});
