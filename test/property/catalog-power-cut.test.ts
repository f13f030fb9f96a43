import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { ClipTable } from '../../src/catalog/clip-table.ts';
import { Database } from '../../src/catalog/database.ts';
import { Random } from '../fuzz/random.ts';
import { clipRecord } from '../support/clip-records.ts';
import { PowerlessDisk } from '../support/powerless-disk.ts';

const SEED = 1;
const CLIPS = 150;
const CUTS_AT_ONCE = 3;
/** So that there is a checkpoint every few dozen clips. */
const NOTES = 'word '.repeat(800);

it('catalogue holds every confirmed clip when the power is cut at any moment, checkpoints included', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'cambox-catalog-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'catalog.db');
  const disk = new PowerlessDisk();
  const random = new Random(SEED);
  const confirmed = new Set<string>();
  let cuts = 0;

  /** What is on the disk after a power cut now, opened again. */
  const cutAndLook = async (): Promise<void> => {
    const cut = ++cuts;
    const after = join(dir, `after-${cut}.db`);
    const alive = random.below(5) / 4;
    const isNew = (): boolean => random.below(100) < alive * 100;
    disk.cutPower(path, after, isNew);
    disk.cutPower(`${path}-wal`, `${after}-wal`, isNew);
    const promised = [...confirmed];
    {
      await using db = await Database.open(after);
      const clips = new ClipTable(db);
      const there = new Set(clips.files().map(({ clip }) => clip));
      assert.deepEqual(
        promised.filter((clip) => !there.has(clip)),
        [],
        `cut ${cut}`,
      );
      assert.equal(clips.find({ limit: 1, words: 'word' }).clips.length, Math.min(1, there.size));
    }
    for (const end of ['', '-wal', '-shm']) rmSync(after + end, { force: true });
  };

  const db = await Database.open(path, {
    wrapFile: (file, which) => {
      const synced = disk.watch(which === 'log' ? `${path}-wal` : path, file);
      return {
        datasync: async () => {
          await cutAndLook();
          await synced.datasync();
          await cutAndLook();
        },
      };
    },
  });
  const clips = new ClipTable(db);
  for (let n = 0; n < CLIPS; n++) {
    const record = clipRecord(n, { notes: NOTES });
    await db.write('add', () => clips.put(record));
    confirmed.add(record.clip);
    if (n % 10 === 0) for (let i = 0; i < CUTS_AT_ONCE; i++) await cutAndLook();
  }
  await db[Symbol.asyncDispose]();
  assert.ok(cuts > CLIPS);
});
