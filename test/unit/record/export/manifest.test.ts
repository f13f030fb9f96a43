import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type ManifestEntry, manifestText, parseManifest, sumsText } from '../../../../src/record/export/manifest.ts';

const ENTRY: ManifestEntry = {
  ...{ file: 'a.mp4.age', bytes: 10, sha256: '0'.repeat(64), sealed: true, recipients: ['age1x'] },
  ...{ clip: 'a', clip_bytes: 5, clip_sha256: 'f'.repeat(64) },
  ...{ box: 'box-1', camera: 'front', start: '2026-11-21T00:00:00.000Z', frames: 3 },
};

test('manifest is read back as it was written', () => {
  const unknown: ManifestEntry = { ...ENTRY, box: null, camera: null, start: null, frames: null };
  assert.deepEqual(parseManifest(manifestText([ENTRY, unknown])), [ENTRY, unknown]);
});

test('manifest takes names as people give them', () => {
  for (const file of ['ümlaut clip.mp4', '.hidden.mp4', 'a\\b "c" %d.mp4', '北.mp4.age']) {
    const entry = { ...ENTRY, file };
    assert.deepEqual(parseManifest(manifestText([entry])), [entry]);
  }
});

test('manifest with a path for a name, or a hash that is none, is no manifest of ours', () => {
  for (const wrong of [
    { file: '../a' },
    { file: '/etc/passwd' },
    { file: '..' },
    { file: '' },
    { file: 'a\nb' },
    { sha256: 'x' },
    { bytes: -1 },
  ]) {
    assert.equal(parseManifest(manifestText([{ ...ENTRY, ...wrong }])), undefined);
  }
});

test('what is no manifest is none, whatever the text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      assert.equal(parseManifest(text), undefined);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('sums are as sha256sum writes them', () => {
  assert.equal(sumsText([ENTRY]), `${'0'.repeat(64)} *a.mp4.age\n`);
  assert.equal(sumsText([{ ...ENTRY, file: 'a\\b.mp4' }]), `\\${'0'.repeat(64)} *a\\\\b.mp4\n`);
});
