import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FilesInUse } from '../../../../src/record/made/files-in-use.ts';

it('a file is in use until the last who reads it is done', () => {
  const files = new FilesInUse();
  const [one, other] = [files.hold(['a', 'b']), files.hold(['a'])];
  one[Symbol.dispose]();
  assert.deepEqual([files.has('a'), files.has('b')], [true, false]);
  other[Symbol.dispose]();
  assert.equal(files.has('a'), false);
});
