import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CLIP_MIGRATIONS } from '../../src/catalog/clips/clip-migrations.ts';
import { ClipTable } from '../../src/catalog/clips/clip-table.ts';
import { clipRecord } from '../support/clip-records.ts';
import { PowerCuts } from '../support/power-cuts.ts';

const CLIPS = 150;
const CUTS_AT_ONCE = 3;
/** So that there is a checkpoint every few dozen clips. */
const NOTES = 'word '.repeat(800);

it('catalogue holds every confirmed clip when the power is cut at any moment, checkpoints included', async () => {
  const confirmed = new Set<string>();
  using power = new PowerCuts({
    seed: 1,
    migrations: CLIP_MIGRATIONS,
    confirmed: () => {
      const promised = [...confirmed];
      return (after, cut) => {
        const clips = new ClipTable(after);
        const there = new Set(clips.files().map(({ clip }) => clip));
        const lost = promised.filter((clip) => !there.has(clip));
        assert.deepEqual(lost, [], `cut ${cut}`);
        assert.equal(clips.find({ limit: 1, words: 'word' }).clips.length, Math.min(1, there.size));
      };
    },
  });
  {
    await using db = await power.open();
    const clips = new ClipTable(db);
    for (let n = 0; n < CLIPS; n++) {
      const record = clipRecord(n, { notes: NOTES });
      await db.write('add', () => clips.put(record));
      confirmed.add(record.clip);
      if (n % 10 === 0) for (let i = 0; i < CUTS_AT_ONCE; i++) await power.cut();
    }
  }
  assert.ok(power.count > CLIPS);
});
