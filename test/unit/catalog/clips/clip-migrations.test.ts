import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CLIP_MIGRATIONS } from '../../../../src/catalog/clips/clip-migrations.ts';
import { ClipTable } from '../../../../src/catalog/clips/clip-table.ts';
import { openCatalog } from '../../../../src/catalog/clips/open-catalog.ts';
import { Database } from '../../../../src/catalog/database.ts';

test('a catalogue of the first schema keeps its clips, without a class', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cambox-migrations-'));
  const path = join(dir, 'catalog.db');
  try {
    {
      await using db = await Database.open(path, { migrations: CLIP_MIGRATIONS.slice(0, 1) });
      const insert = db.prepare(
        `INSERT INTO clips (id, clip, camera, state, "end", file, bytes, protected, started_ms, duration_ms, frames)
         VALUES (1024, 'old', 'front', 'ready', 'duration', 'old.mp4', 10, 0, 1, 1000, 30)`,
      );
      await db.write('add', () => insert.run());
    }
    await using db = await openCatalog(path);
    const clips = new ClipTable(db);
    assert.deepEqual(
      [clips.get('old')?.bytes, clips.get('old')?.class, clips.get('old')?.memory],
      [10, undefined, undefined],
    );
    assert.equal(clips.oldest()?.name, 'old');
    assert.deepEqual(
      clips.oldestOfClasses('').map(({ name, class: ofClass }) => [name, ofClass]),
      [['old', '']],
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
});
