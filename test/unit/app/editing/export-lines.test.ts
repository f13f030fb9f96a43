import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExportLines } from '../../../../src/app/editing/export-lines.ts';

const LINE = `${JSON.stringify({ clip: 'a', file: 'Küche.mp4', outcome: 'copied', bytes: 5 })}\n`;

test('lines of an export are read however they are cut', () => {
  const counts: number[] = [];
  const lines = new ExportLines((done) => counts.push(done));
  const bytes = Buffer.from(LINE + LINE);
  for (const byte of bytes) lines.push(Buffer.from([byte]));
  assert.deepEqual(counts, [1, 2]);
  assert.equal((lines.clips[1] as unknown as { file: string }).file, 'Küche.mp4');
  assert.equal(lines.error, undefined);
});

test('a line that is no JSON is told, not thrown out of the event of the child', () => {
  const lines = new ExportLines(() => undefined);
  lines.push(Buffer.from(`Segmentation fault\n${LINE}`));
  assert.deepEqual(lines.error, { code: 'child_failed', message: 'It wrote "Segmentation fault"' });
  assert.equal(lines.clips.length, 1);
  const others = new ExportLines(() => undefined);
  others.push(Buffer.from('null\n'));
  assert.equal(others.error?.message, 'It wrote "null"');
});

test('an error that the child tells is taken over', () => {
  const lines = new ExportLines(() => undefined);
  const error = { code: 'disk_full', message: 'Cannot write as the disk is full' };
  lines.push(Buffer.from(`${JSON.stringify({ error })}\n`));
  assert.deepEqual(lines.error, error);
});
