import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { ClipQuery } from '../../../../src/catalog/clips/clip-page.ts';
import type { ClipRecord } from '../../../../src/catalog/clips/clip-record.ts';
import { ClipTable } from '../../../../src/catalog/clips/clip-table.ts';
import { openCatalog } from '../../../../src/catalog/clips/open-catalog.ts';
import type { Database } from '../../../../src/catalog/database.ts';
import { clipRecord } from '../../../support/clip-records.ts';

let dir: string;
let db: Database;
let clips: ClipTable;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cambox-catalog-'));
  db = await openCatalog(join(dir, 'catalog.db'));
  clips = new ClipTable(db);
});
after(async () => {
  await db[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});
beforeEach(() =>
  db.write('clear', () => {
    for (const { clip } of clips.files()) clips.remove(clip);
  }),
);

const add = (...records: readonly ClipRecord[]): Promise<void> =>
  db.write('add', () => {
    for (const record of records) clips.put(record);
  });
const found = (query: Partial<ClipQuery>): string[] =>
  clips.find({ limit: 20, ...query }).clips.map(({ clip }) => clip);

describe('ClipTable', () => {
  it('gives back every field of a clip', async () => {
    const record: ClipRecord = {
      ...clipRecord(1),
      protected: true,
      clock_synced: null,
      boot_id: 'b',
      pre_roll_asked_ms: 5000,
      pre_roll_got_ms: 4980.5,
      lost_at_most_ms: 1200,
      encoder_reason: 'why',
      continued_by: 'clip-2',
      continues: 'clip-0',
      class: 'alarm',
      label: 'Tür',
      place: 'yard',
      events: 'motion',
      notes: 'a note',
      detail: 'torn',
      memory: { by: 'cgroup', cap_bytes: 3000, peak_bytes: 2000, held_bytes: 1000, cpu_ms: 12 },
      gaps: [{ at_ms: 1.5, lost_ms: 33.25, frames: 1, where: 'source' }],
    };
    await add(record);
    assert.deepEqual(clips.get('clip-1'), record);
  });

  it('lists newest first by start, whatever the order in which clips came', async () => {
    await add(clipRecord(2), clipRecord(3), clipRecord(1));
    assert.deepEqual(found({}), ['clip-3', 'clip-2', 'clip-1']);
  });

  it('keeps clips that started in the same millisecond apart', async () => {
    const { started_at } = clipRecord(1);
    await add(clipRecord(1), clipRecord(2, { started_at }), clipRecord(3, { started_at }));
    assert.deepEqual(found({}), ['clip-3', 'clip-2', 'clip-1']);
  });

  it('takes more clips that started in the same millisecond than it has ids for that', async () => {
    const { started_at } = clipRecord(1);
    const many = Array.from({ length: 1500 }, (_, n) => clipRecord(n, { started_at }));
    await add(...many, clipRecord(0, { started_at, label: 'again' }));
    assert.equal(clips.files().length, 1500);
    assert.deepEqual(found({ words: 'again' }), ['clip-0']);
  });

  it('replaces a clip of the same name, with its words', async () => {
    await add(clipRecord(1, { label: 'fox' }));
    await add(clipRecord(1, { label: 'badger' }));
    assert.deepEqual([found({ words: 'fox' }), found({ words: 'badger' })], [[], ['clip-1']]);
  });

  it('finds words of label, place, events, notes and camera, without regard to case and accents', async () => {
    await add(clipRecord(1, { label: 'Füchse', place: 'north gate', events: 'motion', notes: 'two of them' }));
    for (const words of ['fuchse', 'NORTH', 'motion', 'them', 'front', 'north motion', 'füch*', '"north gate"']) {
      assert.deepEqual(found({ words }), ['clip-1'], words);
    }
    for (const words of ['gat', '"gate north"', 'north -motion', 'camera', 'ready']) {
      assert.deepEqual(found({ words }), [], words);
    }
  });

  it('filters by camera, state, protection and time, with words or without', async () => {
    await add(
      clipRecord(1, { notes: 'fox' }),
      clipRecord(2, { notes: 'fox', camera: 'rear', protected: true }),
      clipRecord(3, { notes: 'fox', state: 'interrupted', class: 'alarm' }),
    );
    const at = (n: number): number => Date.parse(clipRecord(n).started_at);
    for (const words of [{}, { words: 'fox' }]) {
      assert.deepEqual(found({ ...words, camera: 'rear' }), ['clip-2']);
      assert.deepEqual(found({ ...words, state: 'interrupted' }), ['clip-3']);
      assert.deepEqual(found({ ...words, class: 'alarm' }), ['clip-3']);
      assert.deepEqual(found({ ...words, protected: true }), ['clip-2']);
      assert.deepEqual(found({ ...words, protected: false, camera: 'front' }), ['clip-3', 'clip-1']);
      assert.deepEqual(found({ ...words, fromMs: at(2) }), ['clip-3', 'clip-2']);
      assert.deepEqual(found({ ...words, untilMs: at(2) }), ['clip-1']);
    }
  });

  it('finds a clip by what it was changed to, and no longer by what it was', async () => {
    await add(clipRecord(1, { notes: 'fox' }));
    await db.write('change', () => clips.change('clip-1', { protected: true, notes: 'badger' }));
    assert.deepEqual([found({ words: 'badger', protected: true }), found({ words: 'fox' })], [['clip-1'], []]);
  });

  it('pages through all clips once, also when new ones come meanwhile', async () => {
    await add(...Array.from({ length: 25 }, (_, n) => clipRecord(n, { label: 'fox' })));
    const seen: string[] = [];
    for (let cursor: string | undefined, page = 0; page === 0 || cursor !== undefined; page++) {
      const { clips: rows, next } = clips.find({ limit: 10, words: 'fox', ...(cursor !== undefined && { cursor }) });
      seen.push(...rows.map(({ clip }) => clip));
      await add(clipRecord(100 + page, { label: 'fox' }));
      cursor = next;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 25 }, (_, n) => `clip-${24 - n}`),
    );
  });

  it('tells what the clips of each camera take', async () => {
    await add(clipRecord(1, { bytes: 10 }), clipRecord(2, { bytes: 5, protected: true }));
    assert.deepEqual(
      clips.usage().map((row) => ({ ...row })),
      [{ camera: 'front', clips: 2, bytes: 15, protectedBytes: 5 }],
    );
  });

  it('names to make room the oldest, but for those to be left alone', async () => {
    await add(clipRecord(3), clipRecord(1, { protected: true }), clipRecord(2, { camera: 'rear' }), clipRecord(4));
    const oldest = (...wanted: Parameters<ClipTable['oldest']>) => clips.oldest(...wanted)?.name;
    assert.deepEqual([oldest(), oldest('front'), oldest('none')], ['clip-2', 'clip-3', undefined]);
    assert.equal(oldest('front', new Set(['clip-3'])), 'clip-4');
    assert.equal(oldest(undefined, new Set(['clip-2', 'clip-3', 'clip-4'])), undefined);
  });

  it('names clips whose time is not known to be right in the order in which they came, also after a reboot and a correction', async () => {
    const in1970 = (n: number, second: number, clock_synced: boolean | null): ClipRecord =>
      clipRecord(n, { clock_synced, started_at: new Date(second * 1000).toISOString() });
    await add(clipRecord(1), clipRecord(2), in1970(3, 50, false), in1970(4, 60, false));
    await add(in1970(5, 10, null), in1970(6, 20, false), clipRecord(7));
    await add(clipRecord(4, { clock_synced: false }), clipRecord(3, { clock_synced: false }));
    const order: (string | undefined)[] = [];
    for (let next = clips.oldest(); next !== undefined; next = clips.oldest(undefined, new Set(order as string[]))) {
      order.push(next.name);
    }
    assert.deepEqual(order, ['clip-1', 'clip-2', 'clip-3', 'clip-4', 'clip-5', 'clip-6', 'clip-7']);
  });

  it('tells of each class the oldest that age may delete', async () => {
    await add(
      clipRecord(1, { protected: true }),
      clipRecord(2, { clock_synced: false }),
      clipRecord(3, { class: 'patrol' }),
      clipRecord(4, { state: 'missing' }),
      clipRecord(5),
      clipRecord(6, { class: 'patrol' }),
      clipRecord(7, { class: 'alarm', clock_synced: null }),
    );
    const oldest = (from: string) => clips.oldestOfClasses(from).map(({ name, class: ofClass }) => [ofClass, name]);
    assert.deepEqual(oldest(''), [
      ['', 'clip-5'],
      ['alarm', 'clip-7'],
      ['patrol', 'clip-3'],
    ]);
    assert.deepEqual(oldest('b'), [['patrol', 'clip-3']]);
  });

  it('lists the clips of a camera in a span of time, the oldest first, page by page', async () => {
    await add(...Array.from({ length: 6 }, (_, n) => clipRecord(n)), clipRecord(7, { camera: 'rear' }));
    await add(clipRecord(3, { state: 'missing' }));
    const at = (n: number): number => Date.parse(clipRecord(n).started_at);
    const span = { camera: 'front', fromMs: at(1), untilMs: at(5), limit: 2 };
    const [one, two] = clips.ofCamera({ ...span, after: 0 });
    assert.deepEqual([one!.clip, two!.clip, two!.file], ['clip-1', 'clip-2', 'clip-2.mp4']);
    assert.deepEqual(
      clips.ofCamera({ ...span, after: two!.id }).map(({ clip }) => clip),
      ['clip-4'],
    );
  });

  it('refuses a cursor that is none', () => {
    assert.throws(() => found({ cursor: 'x' }), { code: 'bad_argument' });
  });
});
