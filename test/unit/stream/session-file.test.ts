import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeSessionFile } from '../../../src/stream/session-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'session-file-'));
after(() => rmSync(folder, { recursive: true }));

test('a session file with a key can be read by its owner only, also where an open one was', async () => {
  const path = join(folder, 'secret.sdp');
  writeFileSync(path, 'old', { mode: 0o644 });
  writeFileSync(`${path}.partial`, 'left over', { mode: 0o644 });
  await writeSessionFile(path, 'new', true);
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['secret.sdp']);
});

test('a session file without a key can be read by all', async () => {
  const path = join(folder, 'open.sdp');
  await writeSessionFile(path, 'text', false);
  assert.equal(statSync(path).mode & 0o777, 0o644 & ~process.umask());
});
