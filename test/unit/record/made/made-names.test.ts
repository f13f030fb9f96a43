import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutName, parseMadeName, readClipId, timelapseName } from '../../../../src/record/made/made-names.ts';

const CLIP = '20261120t180400z-front-door-3f9a1c';

describe('names of made files', () => {
  it('tell what they are made of', () => {
    const range = { startUs: 2_500_000, durationUs: 2_000_000 };
    assert.deepEqual(parseMadeName(cutName(CLIP, range, 'copy')), { kind: 'cut', clip: CLIP, fromMs: 2500 });
    assert.deepEqual(parseMadeName(cutName(CLIP, { ...range, durationUs: undefined }, 'exact')), {
      ...{ kind: 'cut', clip: CLIP, fromMs: 2500 },
    });
    assert.deepEqual(parseMadeName(timelapseName(CLIP, '0123abcd')), { kind: 'timelapse', clip: CLIP, fromMs: 0 });
  });

  it('tell the file that was cut, when that was a cut itself', () => {
    const cut = cutName(CLIP, { startUs: 0, durationUs: 5_000_000 }, 'copy').slice(0, -'.mp4'.length);
    assert.equal(parseMadeName(cutName(cut, { startUs: 1000, durationUs: undefined }, 'exact'))?.clip, cut);
  });

  it('are not those of clips and other files', () => {
    for (const name of [
      `${CLIP}.mp4`,
      'a-cut-1-2.mp4.part',
      'a-cut-1.mp4',
      'a-timelapse-xyz.mp4',
      '-cut-1-2.mp4',
      '',
    ]) {
      assert.equal(parseMadeName(name), undefined, name);
    }
  });
});

describe('ids of clips', () => {
  it('tell camera and time, also of a file that goes on', () => {
    const startedMs = Date.parse('2026-11-20T18:04:00Z');
    assert.deepEqual(readClipId(CLIP), { camera: 'front-door', startedMs });
    assert.deepEqual(readClipId(`${CLIP}-2`), { camera: 'front-door', startedMs });
  });

  it('tell nothing when they are none of clip.start', () => {
    for (const id of ['front-1', '20261399t180400z-front-3f9a1c', `x${CLIP}`]) assert.equal(readClipId(id), undefined);
  });
});
