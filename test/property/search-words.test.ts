import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import fc from 'fast-check';
import { CamboxError } from '../../src/base/errors.ts';
import { matchExpression } from '../../src/catalog/clips/search-words.ts';

const PINNED = { seed: 20_260_701, numRuns: 2000 };

it('search words are never a syntax error, and never reach the facts', () => {
  using db = new DatabaseSync(':memory:');
  db.exec("CREATE VIRTUAL TABLE t USING fts5 (words, facts, content = '', contentless_delete = 1, prefix = '2 3')");
  db.exec("INSERT INTO t (rowid, words, facts) VALUES (1, 'fox', 'clip hidden')");
  const query = db.prepare('SELECT rowid FROM t WHERE t MATCH ?');
  const piece = fc.constantFrom(
    'fox',
    'hidden',
    'facts',
    ':',
    '"',
    '*',
    '-',
    '^',
    '(',
    ')',
    'NOT',
    'OR',
    '{',
    '\0',
    ' ',
    '+',
    "'",
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (words) => {
      let expression: string | undefined;
      try {
        expression = matchExpression({ words });
      } catch (failure) {
        assert.ok(failure instanceof CamboxError && failure.code === 'bad_argument');
        return;
      }
      if (expression === undefined) return;
      const rows = query.all(expression);
      if (rows.length > 0 && !words.includes('-')) assert.match(words, /f/iu);
    }),
    PINNED,
  );
});
