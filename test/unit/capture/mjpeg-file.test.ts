import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MjpegFile } from '../../../src/capture/replay/mjpeg-file.ts';
import { syntheticJpeg } from '../../support/jpegs.ts';

const folder = mkdtempSync(join(tmpdir(), 'mjpeg-file-'));
after(() => rmSync(folder, { recursive: true }));

const PICTURE = syntheticJpeg();

test('an mjpeg file opens when hundreds of thousands of torn pictures stand before a whole one', async () => {
  const path = join(folder, 'torn.mjpeg');
  const torn = 1 << 19; // more than can be arguments of one call
  writeFileSync(path, new Uint16Array(torn).fill(0xd8ff));
  appendFileSync(path, PICTURE);
  await using file = await MjpegFile.open(path);
  assert.deepEqual([file.count, file.width, file.height], [torn + 1, 64, 48]);
});

test('an mjpeg file that only begins like a picture is refused, and not read into memory for it', async () => {
  const path = join(folder, 'long.mjpeg');
  writeFileSync(path, PICTURE.subarray(0, -2));
  truncateSync(path, 1 << 26);
  appendFileSync(path, Uint8Array.of(0xff, 0xd9));
  await assert.rejects(MjpegFile.open(path), { code: 'bad_input', message: /none of its 1 pictures is whole/ });
});
