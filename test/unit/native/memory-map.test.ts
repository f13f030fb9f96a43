import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { errnoName } from '../../../src/native/errno.ts';
import { MemoryMap } from '../../../src/native/memory-map.ts';

const PAGE = 4096;
let folder: string;
let path: string;
let fd: number;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'memory-map-'));
  path = join(folder, 'two-pages');
  writeFileSync(path, Buffer.concat([Buffer.alloc(PAGE, 'a'), Buffer.alloc(PAGE, 'b')]));
  fd = openSync(path, 'r+');
});

after(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

function map(length: number, offset: number): MemoryMap {
  const mapped = MemoryMap.of(fd, length, offset);
  assert.ok(mapped instanceof MemoryMap, JSON.stringify(mapped));
  return mapped;
}

test('MemoryMap shows the bytes of the file from the offset on', () => {
  using second = map(PAGE, PAGE);
  assert.equal(second.bytes.length, PAGE);
  assert.equal(Buffer.from(second.bytes).toString('latin1', 0, 3), 'bbb');
});

test('MemoryMap is shared: what is written to it is in the file', () => {
  using first = map(PAGE, 0);
  first.bytes[0] = 'Z'.charCodeAt(0);
  assert.equal(readFileSync(path, 'latin1')[0], 'Z');
});

test('MemoryMap empties its views when disposed of: no access to memory that is gone', () => {
  const mapped = map(PAGE, 0);
  const view = mapped.bytes.subarray(10, 20);
  mapped[Symbol.dispose]();
  assert.deepEqual([mapped.bytes.length, view.length, view[0]], [0, 0, undefined]);
});

test('MemoryMap can be disposed of twice, and its address used again meanwhile', () => {
  const first = map(PAGE, 0);
  first[Symbol.dispose]();
  using second = map(PAGE, PAGE); // most likely gets the address that became free
  first[Symbol.dispose]();
  assert.equal(second.bytes[0], 'b'.charCodeAt(0));
});

test('MemoryMap tells the errno when mmap fails', () => {
  const wrongDescriptor = MemoryMap.of(-1, PAGE, 0);
  assert.ok('errno' in wrongDescriptor && errnoName(wrongDescriptor.errno) === 'EBADF');
  const wrongOffset = MemoryMap.of(fd, PAGE, 1);
  assert.ok('errno' in wrongOffset && errnoName(wrongOffset.errno) === 'EINVAL');
});
