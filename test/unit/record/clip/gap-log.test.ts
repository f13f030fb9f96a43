import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../../src/base/units.ts';
import { GapLog } from '../../../../src/record/clip/gap-log.ts';

const BEGIN_MS = 5000;

/** Frames as [sequence, milliseconds from the first, stored]. */
function logOf(frames: readonly (readonly [number, number, boolean])[]): GapLog {
  const log = new GapLog();
  for (const [sequence, ms, stored] of frames) {
    log.note({ sequence, capturedAt: monoUs((BEGIN_MS + ms) * 1000) }, stored);
  }
  return log;
}

test('gap log is empty when every picture is stored', () => {
  assert.deepEqual(
    logOf([
      [7, 0, true],
      [8, 40, true],
      [9, 80, true],
    ]).finish(),
    [],
  );
});

test('gap log records a source gap when the sequence jumps', () => {
  assert.deepEqual(
    logOf([
      [1, 0, true],
      [2, 40, true],
      [5, 160, true],
    ]).finish(),
    [{ at_ms: 40, lost_ms: 80, frames: 2, where: 'source' }],
  );
});

test('gap log records one queue gap for a run of dropped frames', () => {
  const log = logOf([
    [1, 0, true],
    [2, 40, false],
    [3, 80, false],
    [4, 120, true],
  ]);
  assert.deepEqual(log.finish(), [{ at_ms: 0, lost_ms: 80, frames: 2, where: 'queue' }]);
  assert.equal(log.queueFrames, 2);
});

test('gap log shares a hole by frames when both causes meet in it', () => {
  assert.deepEqual(
    logOf([
      [1, 0, true],
      [2, 40, false],
      [5, 160, true],
    ]).finish(),
    [
      { at_ms: 0, lost_ms: 80, frames: 2, where: 'source' },
      { at_ms: 0, lost_ms: 40, frames: 1, where: 'queue' },
    ],
  );
});

test('gap log ends an open hole with the last frame seen when the clip ends in it', () => {
  assert.deepEqual(
    logOf([
      [1, 0, true],
      [2, 40, true],
      [3, 80, false],
      [4, 120, false],
    ]).finish(),
    [{ at_ms: 40, lost_ms: 53.333, frames: 2, where: 'queue' }],
  );
});

test('gap log counts on over the wrap of the sequence at 2^32', () => {
  assert.deepEqual(
    logOf([
      [2 ** 32 - 1, 0, true],
      [0, 40, true],
      [2, 120, true],
    ]).finish(),
    [{ at_ms: 40, lost_ms: 40, frames: 1, where: 'source' }],
  );
});

test('gap log records a gap of unknown frames when the source begins to count anew', () => {
  assert.deepEqual(
    logOf([
      [900, 0, true],
      [0, 3000, true],
      [1, 3040, true],
    ]).finish(),
    [{ at_ms: 0, lost_ms: 3000, frames: 0, where: 'source' }],
  );
});

test('gap log records a gap when the source broke although the sequence goes on', () => {
  const log = logOf([[1, 0, true]]);
  log.sourceBroke();
  log.note({ sequence: 2, capturedAt: monoUs((BEGIN_MS + 2000) * 1000) }, true);
  assert.deepEqual(log.finish(), [{ at_ms: 0, lost_ms: 2000, frames: 0, where: 'source' }]);
});

test('gap log joins further gaps to the last one past 100, and loses no frame', () => {
  const frames = Array.from({ length: 150 }, (_, i) => [i * 2, i * 80, true] as const);
  const gaps = logOf(frames).finish();
  assert.equal(gaps.length, 100);
  assert.equal(
    gaps.reduce((sum, gap) => sum + gap.frames, 0),
    149,
  );
  assert.equal(
    gaps.reduce((sum, gap) => sum + gap.lost_ms, 0),
    149 * 40,
  );
});
