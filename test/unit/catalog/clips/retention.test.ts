import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Deletable,
  nextToDelete,
  type RetentionRules,
  type RetentionState,
} from '../../../../src/catalog/clips/retention.ts';

const NOW = 100_000_000;
const HOUR_MS = 3_600_000;
const OLD: Deletable = { what: 'clip', name: 'old', class: '', camera: 'front', sinceMs: 1000 };
const REAR: Deletable = { what: 'clip', name: 'rear', class: 'patrol', camera: 'rear', sinceMs: 2000 };
const CUT: Deletable = { what: 'made', name: 'rear-cut.mp4', class: 'cut', camera: 'rear', sinceMs: NOW - HOUR_MS };
const FRESH: Deletable = { ...CUT, sinceMs: NOW - HOUR_MS + 1 };
const RULES = { leastFreeBytes: 100 };

const state = (parts: Partial<RetentionState> = {}): RetentionState => ({
  ...{ nowMs: NOW, clockSynced: true, freeBytes: 1000, neededBytes: 0, usedBytes: 500, usedByCamera: new Map() },
  oldestOfClasses: () => [OLD, REAR],
  oldestClip: (camera) => [OLD, REAR].find((clip) => camera === undefined || clip.camera === camera),
  oldestMade: () => undefined,
  ...parts,
});

const chosen = (parts: Partial<RetentionState>, rules: Partial<RetentionRules>) => {
  const choice = nextToDelete(state(parts), { ...RULES, ...rules });
  return choice && [choice.file.name, choice.why];
};

describe('retention', () => {
  it('deletes nothing while all limits are kept', () => {
    assert.equal(chosen({}, { maxAgeMs: NOW, maxBytes: 500, cameraMaxBytes: 500 }), undefined);
  });

  it('deletes the oldest when it is too old', () => {
    assert.deepEqual(chosen({}, { maxAgeMs: 1000 }), ['old', 'age']);
  });

  it('deletes by the age of its class what has one, and by the common age what has none', () => {
    const classMaxAgeMs = new Map([['patrol', 1000]]);
    assert.deepEqual(chosen({}, { classMaxAgeMs }), ['rear', 'age']);
    assert.deepEqual(chosen({}, { classMaxAgeMs, maxAgeMs: NOW }), ['rear', 'age']);
    assert.equal(chosen({}, { classMaxAgeMs: new Map([['patrol', NOW]]) }), undefined);
    assert.deepEqual(chosen({}, { classMaxAgeMs: new Map([['patrol', NOW]]), maxAgeMs: 1000 }), ['old', 'age']);
  });

  for (const clockSynced of [false, undefined]) {
    it(`never deletes by age when the clock is right: ${clockSynced}`, () => {
      const oldestOfClasses = () => assert.fail('nobody has to know');
      assert.equal(chosen({ clockSynced, oldestOfClasses }, { maxAgeMs: 1000 }), undefined);
    });
  }

  it('deletes the oldest of a camera that is over its quota', () => {
    const usedByCamera = new Map([
      ['front', 10],
      ['rear', 300],
    ]);
    assert.deepEqual(chosen({ usedByCamera }, { cameraMaxBytes: 200 }), ['rear', 'camera_quota']);
  });

  it('deletes the oldest when all together take too much', () => {
    assert.deepEqual(chosen({}, { maxBytes: 499 }), ['old', 'total_quota']);
  });

  it('deletes the oldest when the disk has too little for what is being recorded', () => {
    assert.equal(chosen({ neededBytes: 900 }, {}), undefined);
    assert.deepEqual(chosen({ neededBytes: 901 }, {}), ['old', 'free_space']);
  });

  it('deletes what was made of clips before clips, and within an hour after them', () => {
    const usedByCamera = new Map([['rear', 300]]);
    for (const rules of [{ maxBytes: 499 }, { cameraMaxBytes: 200 }, { leastFreeBytes: 1001 }]) {
      assert.equal(chosen({ oldestMade: () => CUT, usedByCamera }, rules)?.[0], 'rear-cut.mp4');
      assert.notEqual(chosen({ oldestMade: () => FRESH, usedByCamera }, rules)?.[0], 'rear-cut.mp4');
      const noClip = { oldestMade: () => FRESH, oldestClip: () => undefined, usedByCamera };
      assert.equal(chosen(noClip, rules)?.[0], 'rear-cut.mp4');
    }
  });

  it('takes a disk that does not tell neither for full nor for empty', () => {
    assert.equal(chosen({ freeBytes: undefined }, {}), undefined);
    assert.deepEqual(chosen({ freeBytes: undefined }, { maxBytes: 1 }), ['old', 'total_quota']);
  });

  it('deletes nothing when all is protected', () => {
    assert.equal(chosen({ freeBytes: 0, oldestClip: () => undefined }, { maxBytes: 1 }), undefined);
  });
});
