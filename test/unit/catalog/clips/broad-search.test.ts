import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, it } from 'node:test';
import { BroadSearch } from '../../../../src/catalog/clips/broad-search.ts';
import { CLIP_MIGRATIONS } from '../../../../src/catalog/clips/clip-migrations.ts';
import { wantedIds } from '../../../../src/catalog/clips/clip-page.ts';
import { ClipTable } from '../../../../src/catalog/clips/clip-table.ts';
import { clipRecord } from '../../../support/clip-records.ts';

const CLIPS = 3200;
let broad: BroadSearch;

before(() => {
  const db = new DatabaseSync(':memory:');
  db.exec(CLIP_MIGRATIONS.join(';'));
  const clips = new ClipTable(db);
  for (let n = 0; n < CLIPS; n++) {
    clips.put(clipRecord(n, { label: 'motion', notes: n % 2 === 0 ? `event${n}` : `Evening walk ${n}` }));
  }
  broad = new BroadSearch(db);
});

const found = async (words: string, limit = 5, cursor?: string): Promise<string[]> => {
  const query = { words, limit, ...(cursor !== undefined && { cursor }) };
  const rows = await broad.find(broad.plan(query)!, wantedIds(query));
  return rows.map(([, clip]) => clip);
};

describe('BroadSearch', () => {
  it('is for beginnings of very many words alone', () => {
    for (const words of ['event*', 'even*', '-event*', 'ÉVENT*', 'x-event*', 'motion event*']) {
      assert.ok(broad.plan({ words }), words);
    }
    for (const words of ['eve*', 'e*', 'event1*', 'event', 'motion*', 'evening*', '"event*"']) {
      assert.equal(broad.plan({ words }), undefined, words);
    }
    assert.equal(broad.plan({ camera: 'front' }), undefined);
  });

  it('finds the newest first, and one more than a page has', async () => {
    assert.deepEqual(
      await found('event*', 3),
      [2, 4, 6, 8].map((n) => CLIPS - n).map((n) => `clip-${n}`),
    );
    assert.deepEqual((await found('event* motion', CLIPS)).length, CLIPS / 2);
  });

  it('leaves out what must not be there', async () => {
    assert.deepEqual((await found('motion -event*', CLIPS)).length, CLIPS / 2);
    assert.deepEqual(await found('event* -motion'), []);
  });

  it('lets others run between its steps', async () => {
    let [turns, isOver] = [0, false];
    setImmediate(function count() {
      turns += 1;
      if (!isOver) setImmediate(count);
    });
    await found('event*', CLIPS);
    isOver = true;
    assert.ok(turns >= CLIPS / 50, `${turns} turns`);
  });
});
