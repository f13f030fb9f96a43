import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { ClipResult } from '../../../../src/record/clip/clip.ts';
import { outcomeText, parseBeginning, parseOutcome } from '../../../../src/record/clip/clip-metadata.ts';
import { readClipMetadata, writeClipOutcome } from '../../../../src/record/clip/clip-metadata-file.ts';

const RESULT: ClipResult = {
  ...{ clip: 'door', camera: 'front', state: 'ready', end: 'duration', path: '/clips/door.mp4', encoder: 'copy' },
  ...{ frames: 300, duration_ms: 9966.667, pre_roll_asked_ms: 5000, pre_roll_got_ms: 4966.667, gaps: [] },
  ...{ bytes: 1234, started_at: '2026-11-20T18:04:00.000Z' },
};
const gap = (i: number) => ({ at_ms: i * 1000, lost_ms: 33.333, frames: 1, where: 'source' as const });

test('outcome of a clip is read back as it was written, without path and size, in exactly the room that was kept', () => {
  const text = outcomeText({ ...RESULT, label: 'ä', gaps: [gap(1), gap(2)] })!;
  assert.equal(text.length, 4096);
  const { path: _path, bytes: _bytes, ...rest } = RESULT;
  assert.deepEqual(parseOutcome(Buffer.from(text).toString()), { ...rest, label: 'ä', gaps: [gap(1), gap(2)] });
});

test('gaps that do not fit go into the last one that does', () => {
  const gaps = Array.from({ length: 200 }, (_, i) => gap(i));
  const kept = parseOutcome(Buffer.from(outcomeText({ ...RESULT, gaps })!).toString())!.gaps;
  assert.ok(kept.length >= 25 && kept.length < 200);
  assert.equal(
    kept.reduce((sum, { frames }) => sum + frames, 0),
    200,
  );
  assert.deepEqual(kept[0], gap(0));
});

test('words of people are cut to half of the room, the longest first, and the gaps go before the rest', () => {
  const words = { label: 'fox', place: 'p'.repeat(2000), events: 'ä'.repeat(2000), notes: '🦊'.repeat(1000) };
  const gaps = Array.from({ length: 200 }, (_, i) => gap(i));
  const kept = parseOutcome(Buffer.from(outcomeText({ ...RESULT, gaps, words })!).toString())!;
  assert.equal(kept.words?.label, 'fox');
  for (const text of [kept.words!.place!, kept.words!.events!, kept.words!.notes!])
    assert.match(text, /^[pä🦊]{100,}…$/u);
  assert.ok(kept.gaps.length >= 10);
  const few = { notes: 'two foxes', place: '' };
  assert.deepEqual(parseOutcome(Buffer.from(outcomeText({ ...RESULT, words: few })!).toString())!.words, few);
});

test('words of any kind leave room for the outcome', () => {
  const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 2000 }), { nil: undefined });
  fc.assert(
    fc.property(fc.record({ label: text, place: text, events: text, notes: text }), (words) => {
      assert.equal(parseOutcome(Buffer.from(outcomeText({ ...RESULT, words })!).toString())?.frames, RESULT.frames);
    }),
    { seed: 6, numRuns: 200 },
  );
});

test('outcome is not written where there is no room at all', () => {
  assert.equal(outcomeText(RESULT, 100), undefined);
});

test('what is no metadata of ours is nothing, whatever the text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      assert.equal(parseBeginning(text), undefined);
      assert.equal(parseOutcome(text), undefined);
    }),
    { seed: 5, numRuns: 300 },
  );
});

test('a file that is no MP4 has no metadata and takes no outcome', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cambox-metadata-'));
  const path = join(dir, 'a.mp4');
  const moov = (size: number, body: Uint8Array): Buffer => {
    const head = Buffer.from('0000moov');
    head.writeUInt32BE(size);
    return Buffer.concat([head, body]);
  };
  const empty = new Uint8Array();
  const files = [empty, Buffer.from('no mp4 at all, really not'), moov(1_000_000, empty), moov(8, empty)];
  for (const bytes of files) {
    writeFileSync(path, bytes);
    const found = await readClipMetadata(path);
    assert.ok(found === 'no_mp4' || found === 'no_clip');
    await using file = await open(path, 'r+');
    assert.equal(await writeClipOutcome(file, RESULT), false);
  }
  rmSync(dir, { recursive: true });
});
