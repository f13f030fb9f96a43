import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { codeMappings, giveBackCode, giveBackFreeHeap } from '../../../src/native/give-back-memory.ts';

const MAPS = `00400000-00b2c000 r--p 00000000 fe:00 12 /usr/lib/cambox/node
00b2c000-02d5f000 r-xp 0072c000 fe:00 12 /usr/lib/cambox/node
02d5f000-02d60000 rw-p 0295e000 fe:00 12 /usr/lib/cambox/node
7f0000000000-7f0000001000 r-xp 00000000 fe:00 13 /usr/lib/libc.so.6
7f0000002000-7f0000003000 rw-p 00000000 00:00 0
`;

test('codeMappings finds what of a program can be run and not written, and nothing of others', () => {
  assert.deepEqual(codeMappings(MAPS, '/usr/lib/cambox/node'), [{ address: 0xb2c000n, length: 0x2233000 }]);
  assert.deepEqual(codeMappings('', '/usr/lib/cambox/node'), []);
});

test('giveBackCode unmaps pages of this program, which runs on', () => {
  const code = codeMappings(readFileSync('/proc/self/maps', 'utf8'), readlinkSync('/proc/self/exe'));
  assert.notEqual(code.length, 0);
  const before = fileBackedKb();
  giveBackCode(code);
  const after = fileBackedKb();
  assert.ok(after < before, `${after} kB after, ${before} before`);
  assert.equal(JSON.parse('[1]')[0], 1);
});

test('giveBackFreeHeap leaves what is in use as it is', () => {
  const kept = Buffer.alloc(100_000, 7);
  giveBackFreeHeap();
  assert.ok(kept.every((byte) => byte === 7));
});

function fileBackedKb(): number {
  return Number(/^RssFile:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
