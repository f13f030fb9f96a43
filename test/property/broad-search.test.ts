import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { BroadSearch } from '../../src/catalog/clips/broad-search.ts';
import { CLIP_MIGRATIONS } from '../../src/catalog/clips/clip-migrations.ts';
import { wantedIds } from '../../src/catalog/clips/clip-page.ts';
import { summaryOf } from '../../src/catalog/clips/clip-row.ts';
import { ClipTable } from '../../src/catalog/clips/clip-table.ts';
import { clipRecord } from '../support/clip-records.ts';

/** Parts of words that meet often, with letters that the index writes otherwise, and what is between words. */
const PART = fc.constantFrom(
  ...['even', 'event', 'tor', 'Tür', 'tu\u0308r', 'ÉV', 'e\u0301v', '12', '1', 'ß', 'ſ', 'कि', 'ता', '東京', '\ue000'],
  ...['\u{1f98a}', '\u{1e900}', '-', '_', ' ', '\n', 'İ'],
);
const TEXT = fc.array(PART, { maxLength: 8 }).map((parts) => parts.join(''));
const WORD = fc
  .tuple(fc.constantFrom('', '-'), fc.array(PART, { minLength: 1, maxLength: 2 }))
  .map(([minus, parts]) => `${minus}${parts.join('').replaceAll(/\s/g, '')}*`);
const WORDS = fc
  .tuple(fc.array(WORD, { minLength: 1, maxLength: 2 }), fc.constantFrom('', ' gate', ' -gate'))
  .map(([words, plain]) => words.join(' ') + plain);

test('a search in steps finds what the index finds at once, whatever the words are', async () => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ notes: TEXT, label: fc.constantFrom('gate', 'evening'), isProtected: fc.boolean() }), {
        ...{ minLength: 1, maxLength: 120 },
      }),
      WORDS,
      fc.record({ limit: fc.integer({ min: 1, max: 60 }), protected: fc.constantFrom(undefined, true) }),
      async (texts, words, { limit, protected: isProtected }) => {
        using db = new DatabaseSync(':memory:');
        db.exec(CLIP_MIGRATIONS.join(';'));
        const clips = new ClipTable(db);
        for (const [n, { notes, label, isProtected: kept }] of texts.entries()) {
          clips.put(clipRecord(n, { notes, label, protected: kept }));
        }
        const query = { words, limit, ...(isProtected !== undefined && { protected: isProtected }) };
        const broad = new BroadSearch(db, -1);
        const plan = plannedOrRefused(broad, query);
        if (plan === undefined) return;
        const found = await broad.find(plan, wantedIds(query));
        if (found.length > 0) hits += 1;
        assert.deepEqual(found.slice(0, limit).map(summaryOf), clips.find(query).clips);
      },
    ),
    { seed: 7, numRuns: 800 },
  );
  assert.ok(hits > 50, `it found something ${hits} times`);
});

/** Words without a letter or digit are refused by both. */
function plannedOrRefused(broad: BroadSearch, query: { readonly words: string }) {
  try {
    return broad.plan(query);
  } catch (refused) {
    assert.equal((refused as { code?: string }).code, 'bad_argument');
    return undefined;
  }
}
