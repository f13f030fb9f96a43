import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineReader } from '../../../src/control/socket/line-reader.ts';
import { heldBytes } from '../../support/held-bytes.ts';

test('line reader needs little more memory than the line, also when it comes byte by byte', () => {
  const bytes = 60_000;
  const reader = new LineReader(bytes);
  const before = heldBytes();
  for (let i = 0; i < bytes; i++) assert.deepEqual([...reader.push(Uint8Array.of(0x61))], []);
  assert.ok(heldBytes() - before < 10 * bytes);
  const [line] = reader.push(Uint8Array.of(0x0a));
  assert.equal(line?.length, bytes);
});
