import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { findBox } from '../../src/record/media/mp4-fragment.ts';
import { findTag } from '../../src/record/media/mp4-tags.ts';

let moov = new Uint8Array();
const TAGS = { title: 'Größe – 日本', comment: '{"a":1}', description: ' '.repeat(300) } as const;

before(() => {
  const folder = mkdtempSync(join(tmpdir(), 'cambox-tags-'));
  const path = join(folder, 'a.mp4');
  const tags = Object.entries(TAGS).flatMap(([tag, text]) => ['-metadata', `${tag}=${text}`]);
  const input = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=s=64x48', '-frames:v', '2'];
  execFileSync('ffmpeg', [...input, ...tags, '-movflags', '+empty_moov', path]);
  moov = findBox(readFileSync(path), 'moov')!.slice();
  rmSync(folder, { recursive: true });
});

test('tags that the real ffmpeg has written are found, each where it stands', () => {
  for (const [tag, text] of Object.entries(TAGS)) {
    assert.equal(Buffer.from(findTag(moov, tag as keyof typeof TAGS)!).toString(), text);
  }
});

test('looking for a tag never throws, and finds nothing outside of the header, however that is damaged', () => {
  const damage = fc.record({
    cut: fc.nat(),
    bytes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
    tag: fc.constantFrom('title', 'comment', 'description'),
  });
  fc.assert(
    fc.property(damage, ({ cut, bytes, tag }) => {
      const damaged = moov.slice(0, cut % (moov.length + 1));
      for (const [at, value] of bytes) if (damaged.length > 0) damaged[at % damaged.length] = value;
      const found = findTag(damaged, tag);
      if (found === undefined) return;
      assert.equal(found.buffer, damaged.buffer);
      assert.ok(found.byteOffset + found.length <= damaged.byteOffset + damaged.length);
    }),
    { seed: 11, numRuns: 2000 },
  );
});
