import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstInRow, idInRow, isOfRow, nextInRow } from '../../../../src/record/clip/clip-row.ts';

test('a file of a row answers to its own id and to those before it, and to no other', () => {
  const third = nextInRow(nextInRow(firstInRow('a-7'), 'a-7'), 'a-7-2');
  const ids = ['a-7', 'a-7-2', 'a-7-3', 'a-7-4', 'a-7-1', 'a-7-02', 'a-7-0', 'a', 'a-2', ''];
  assert.deepEqual(
    ids.filter((id) => isOfRow(third, id)),
    ['a-7', 'a-7-2', 'a-7-3'],
  );
});

test('ids in a row of long ids keep within 100 characters, up to a million files', () => {
  const first = firstInRow('x'.repeat(100));
  const late = { ...first, part: 999_999 };
  assert.equal(idInRow(late).length, 99);
  assert.ok(isOfRow(late, first.first));
  assert.ok(isOfRow(late, idInRow({ ...first, part: 2 })));
});

test('an encoder that failed is remembered once in a row', () => {
  const row = nextInRow(nextInRow(firstInRow('a'), 'a', 'libx264'), 'a-2', 'libx264');
  assert.deepEqual(row.failed, ['libx264']);
});
