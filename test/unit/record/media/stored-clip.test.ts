import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { measureStoredClip, type StoredClip } from '../../../../src/record/media/stored-clip.ts';
import { box, u32 } from '../../../support/mp4-boxes.ts';

const folder = mkdtempSync(join(tmpdir(), 'stored-clip-'));
after(() => rmSync(folder, { recursive: true }));

/** Two frames of 1000 ticks, and their pictures. */
function fragment(firstTicks: number): Buffer {
  const tfhd = box('tfhd', u32(0x08, 1, 1000));
  const traf = box('traf', tfhd, box('tfdt', u32(0, firstTicks)), box('trun', u32(0, 2)));
  return Buffer.concat([box('moof', traf), box('mdat', Buffer.alloc(100))]);
}

/** What stands before the fragments: a track that counts `timescale` ticks a second. */
const header = (timescale: number): Buffer =>
  box('moov', box('mvhd', u32(0)), box('trak', box('mdia', box('mdhd', u32(0, 1, 2, timescale, 0)))));

const HEADER = header(90_000);

async function measured(...parts: Uint8Array[]): Promise<StoredClip> {
  const path = join(folder, 'clip.mp4');
  writeFileSync(path, Buffer.concat(parts));
  await using file = await open(path, 'r');
  return await measureStoredClip(file);
}

test('a stored clip is measured from its first to its last frame', async () => {
  const { frames, spanMs, wholeBytes } = await measured(HEADER, fragment(5000), fragment(7000));
  assert.equal(frames, 4);
  assert.equal(spanMs, 33.333);
  assert.equal(wholeBytes, HEADER.length + 2 * fragment(0).length);
});

test('a stored clip ends before a fragment that goes back in time, as damage makes it', async () => {
  assert.deepEqual(
    await measured(HEADER, fragment(5000), fragment(100), fragment(9000)),
    await measured(HEADER, fragment(5000)),
  );
});

test('a stored clip is measured by the ticks that its own header tells', async () => {
  assert.equal((await measured(header(60_000), fragment(0), fragment(2000))).spanMs, 50);
});

test('a stored clip without a header holds nothing, as nothing can play it', async () => {
  const nothing = { frames: 0, spanMs: 0, wholeBytes: 0 };
  assert.deepEqual(await measured(fragment(5000)), nothing);
  assert.deepEqual(await measured(HEADER.subarray(0, 20)), nothing);
  assert.deepEqual(await measured(header(0), fragment(5000)), nothing);
});
