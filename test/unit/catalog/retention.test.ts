import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Deletable, nextToDelete, type RetentionState } from '../../../src/catalog/retention.ts';

const NOW = 1_000_000;
const OLD: Deletable = { clip: 'old', camera: 'front', startedMs: 1000, clockSynced: true };
const REAR: Deletable = { clip: 'rear', camera: 'rear', startedMs: 2000, clockSynced: true };
const RULES = { leastFreeBytes: 100 };

const state = (parts: Partial<RetentionState> = {}): RetentionState => ({
  ...{ nowMs: NOW, clockSynced: true, freeBytes: 1000, neededBytes: 0, usedBytes: 500, usedByCamera: new Map() },
  oldest: (camera) => [OLD, REAR].find((clip) => camera === undefined || clip.camera === camera),
  ...parts,
});

describe('retention', () => {
  it('deletes nothing while all limits are kept', () => {
    assert.equal(nextToDelete(state(), { ...RULES, maxAgeMs: NOW, maxBytes: 500, cameraMaxBytes: 500 }), undefined);
  });

  it('deletes the oldest when it is too old', () => {
    assert.deepEqual(nextToDelete(state(), { ...RULES, maxAgeMs: 1000 }), { clip: 'old', why: 'age' });
  });

  for (const [why, parts] of [
    ['the clock is not synchronised', { clockSynced: false }],
    ['nobody tells whether the clock is right', { clockSynced: undefined }],
    ['the clip was recorded with a wrong clock', { oldest: () => ({ ...OLD, clockSynced: false }) }],
  ] as const) {
    it(`never deletes by age when ${why}`, () => {
      assert.equal(nextToDelete(state(parts), { ...RULES, maxAgeMs: 1000 }), undefined);
    });
  }

  it('deletes the oldest of a camera that is over its quota', () => {
    const usedByCamera = new Map([
      ['front', 10],
      ['rear', 300],
    ]);
    const choice = nextToDelete(state({ usedByCamera }), { ...RULES, cameraMaxBytes: 200 });
    assert.deepEqual(choice, { clip: 'rear', why: 'camera_quota' });
  });

  it('deletes the oldest when all together take too much', () => {
    assert.deepEqual(nextToDelete(state(), { ...RULES, maxBytes: 499 }), { clip: 'old', why: 'total_quota' });
  });

  it('deletes the oldest when the disk has too little for what is being recorded', () => {
    assert.equal(nextToDelete(state({ neededBytes: 900 }), RULES), undefined);
    assert.deepEqual(nextToDelete(state({ neededBytes: 901 }), RULES), { clip: 'old', why: 'free_space' });
  });

  it('takes a disk that does not tell neither for full nor for empty', () => {
    assert.equal(nextToDelete(state({ freeBytes: undefined }), RULES), undefined);
    assert.equal(nextToDelete(state({ freeBytes: undefined }), { ...RULES, maxBytes: 1 })?.why, 'total_quota');
  });

  it('deletes nothing when all is protected', () => {
    assert.equal(nextToDelete(state({ freeBytes: 0, oldest: () => undefined }), { ...RULES, maxBytes: 1 }), undefined);
  });
});
