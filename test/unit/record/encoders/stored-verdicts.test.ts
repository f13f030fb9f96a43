import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { lookAtVerdicts, StoredVerdicts } from '../../../../src/record/encoders/stored-verdicts.ts';
import { NOTHING_REMEMBERED, type ProbeNote } from '../../../../src/record/encoders/verdict-store.ts';
import { StateFolder } from '../../../support/state-database.ts';

const WORKS: ProbeNote = {
  ...{ key: 'a', encoder: 'libx264', size: '1280x720', atMs: 1000, ffmpeg: '5.1', tookMs: 700 },
  verdict: { works: true, likenessDb: 44.5, lasting: true },
};
const FAILS: ProbeNote = {
  ...WORKS,
  ...{ key: 'b', encoder: 'h264_qsv', verdict: { works: false, reason: 'no device', lasting: true } },
};
const DEMOTION = { encoder: 'h264_nvmpi', size: '1280x720', reason: 'green', at: '2026-11-20T18:04:00.000Z' } as const;

const keys = (store: StoredVerdicts): string[] => store.load().verdicts.map(({ key }) => key);

test('verdicts and demotions are the same after a restart', async () => {
  await using folder = new StateFolder();
  const before = new StoredVerdicts(await folder.open());
  for (const probe of [WORKS, FAILS]) await before.add(probe);
  await before.demote(DEMOTION);
  const { verdicts, demotions } = new StoredVerdicts(await folder.open()).load();
  assert.deepEqual(
    verdicts,
    [WORKS, FAILS].map(({ key, encoder, size, verdict }) => ({ key, encoder, size, verdict })),
  );
  assert.deepEqual(demotions, [DEMOTION]);
});

test('of several probes with the same key the newest holds, and all are kept', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  const store = new StoredVerdicts(db);
  for (const probe of [WORKS, { ...FAILS, key: 'a' }, { ...WORKS, verdict: { ...WORKS.verdict, lasting: false } }]) {
    await store.add(probe);
    const { verdict } = probe;
    assert.deepEqual(
      store.load().verdicts.map((stored) => stored.verdict),
      verdict.lasting ? [verdict] : [],
    );
  }
  const rows = db.prepare('SELECT encoder, works, reason, likeness_db, took_ms, ffmpeg FROM encoder_probes').all();
  assert.equal(rows.length, 3);
  const about = { took_ms: 700, ffmpeg: '5.1' };
  assert.deepEqual({ ...rows[1] }, { ...about, encoder: 'h264_qsv', works: 0, reason: 'no device', likeness_db: null });
});

test('what was found of an encoder at a size holds no more when it is given up there', async () => {
  await using folder = new StateFolder();
  const store = new StoredVerdicts(await folder.open());
  for (const probe of [WORKS, { ...WORKS, key: 'other', size: '640x480' }, FAILS]) await store.add(probe);
  await store.demote({ ...DEMOTION, encoder: 'libx264' });
  assert.deepEqual(keys(store), ['other', 'b']);
  await store.add(WORKS);
  assert.deepEqual(keys(store), ['other', 'b', 'a']);
});

test('the newest of probes and demotions are kept', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  const store = new StoredVerdicts(db);
  const adding = Array.from({ length: 600 }, (_, i) => store.add({ ...WORKS, key: String(i) }));
  for (let i = 0; i < 30; i++) adding.push(store.demote({ ...DEMOTION, reason: String(i) }));
  await Promise.all(adding);
  const count = (table: string) => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()!['n']);
  assert.deepEqual([count('encoder_probes'), count('demotions')], [500, 20]);
  const { verdicts, demotions } = store.load();
  assert.deepEqual([verdicts.length, verdicts.at(-1)?.key], [64, '599']);
  assert.deepEqual([demotions.length, demotions.at(-1)?.reason], [20, '29']);
});

test('encoders that this version does not know are left out', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  const store = new StoredVerdicts(db);
  await store.add(WORKS);
  await store.demote(DEMOTION);
  await db.write('spoil', () => {
    for (const table of ['encoder_probes', 'demotions'])
      db.prepare(`UPDATE ${table} SET encoder = 'h266_quantum'`).run();
  });
  assert.deepEqual(store.load(), NOTHING_REMEMBERED);
});

test('a look from outside sees what a running daemon has found, changes nothing, and does not keep it from writing', async () => {
  await using folder = new StateFolder();
  const store = new StoredVerdicts(await folder.open());
  await store.add(WORKS);
  assert.deepEqual(lookAtVerdicts(folder.path), store.load());
  await store.demote(DEMOTION);
  assert.deepEqual(lookAtVerdicts(folder.path).demotions, [DEMOTION]);
});

test('a look from outside finds nothing, and throws nothing, where there is nothing that can be read', async () => {
  await using folder = new StateFolder();
  assert.deepEqual(lookAtVerdicts(folder.path), NOTHING_REMEMBERED);
  assert.equal(existsSync(folder.path), false, 'none is made');
  writeFileSync(join(folder.dir, 'torn.db'), 'SQLite format 3\0 and then nothing');
  new DatabaseSync(join(folder.dir, 'older.db')).exec('CREATE TABLE other (id INTEGER)');
  for (const name of ['torn.db', 'older.db', '.', 'none/state.db']) {
    assert.deepEqual(lookAtVerdicts(join(folder.dir, name)), NOTHING_REMEMBERED, name);
  }
});

test('a look from outside does not wait for a program that has the database to itself', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  await new StoredVerdicts(db).add(WORKS);
  await db[Symbol.asyncDispose]();
  using other = new DatabaseSync(folder.path);
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  assert.deepEqual(lookAtVerdicts(folder.path), NOTHING_REMEMBERED);
});
