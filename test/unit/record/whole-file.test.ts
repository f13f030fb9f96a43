import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { CamboxError, type ErrorCode } from '../../../src/base/errors.ts';
import { removeLeftovers, WholeFile } from '../../../src/record/whole-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cambox-whole-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (): string => join(folder, 'a.mp4');
const fails = (running: Promise<unknown>, code: ErrorCode): Promise<void> =>
  assert.rejects(running, (thrown: unknown) => thrown instanceof CamboxError && thrown.code === code);

test('a whole file has its name only when it is done', async () => {
  const file = new WholeFile(path(), 'write');
  await file.claim();
  writeFileSync(file.partial, 'whole');
  assert.equal(existsSync(path()), false);
  assert.equal(await file.publish(), 5);
  assert.deepEqual(readdirSync(folder), ['a.mp4']);
  assert.equal(readFileSync(path(), 'utf8'), 'whole');
});

test('a whole file that is there already is a conflict', async () => {
  writeFileSync(path(), 'mine');
  await fails(new WholeFile(path(), 'write').claim(), 'conflict');
  assert.deepEqual(readdirSync(folder), ['a.mp4']);
});

test('a whole file that comes up meanwhile is not overwritten', async () => {
  const file = new WholeFile(path(), 'write');
  await file.claim();
  writeFileSync(path(), 'mine');
  await fails(file.publish(), 'conflict');
  assert.equal(readFileSync(path(), 'utf8'), 'mine');
});

test('a partial file that somebody else writes is a conflict', async () => {
  writeFileSync(`${path()}.part`, 'theirs');
  await fails(new WholeFile(path(), 'write').claim(), 'conflict');
  assert.equal(readFileSync(`${path()}.part`, 'utf8'), 'theirs');
});

test('a whole file in a folder that is not there is not_writable', async () => {
  await fails(new WholeFile(join(folder, 'no', 'a.mp4'), 'write').claim(), 'not_writable');
});

test('discarding leaves nothing, twice as well', async () => {
  const file = new WholeFile(path(), 'write');
  await file.claim();
  await file.discard();
  await file.discard();
  assert.deepEqual(readdirSync(folder), []);
});

test('leftovers are removed, and nothing else', async () => {
  for (const name of ['a.mp4.part', 'b.mp4', 'c.mp4.partial']) writeFileSync(join(folder, name), '');
  assert.deepEqual(await removeLeftovers(folder), ['a.mp4.part']);
  assert.deepEqual(readdirSync(folder).toSorted(), ['b.mp4', 'c.mp4.partial']);
});
