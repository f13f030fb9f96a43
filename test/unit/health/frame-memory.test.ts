import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../src/base/units.ts';
import { alarmsOf } from '../../../src/health/alarms.ts';
import { FrameMemoryJudge } from '../../../src/health/frame-memory.ts';

/** What it says at these seconds, at which so many frames had been refused. */
function statuses(looks: readonly (readonly [second: number, refused: number])[]): string[] {
  const judge = new FrameMemoryJudge();
  return looks.map(([second, refused]) => judge.check(refused, monoUs(second * 1e6)).status);
}

test('frames that are refused again and again are a warning and an alarm, until none has been for ten seconds', () => {
  const looks = [[0, 0], [5, 3], [10, 9], [15, 9], [19, 9], [20, 9], [25, 9]] as const; // biome-ignore format: a line
  assert.deepEqual(statuses(looks), ['ok', 'ok', 'warn', 'warn', 'warn', 'ok', 'ok']);
  const judge = new FrameMemoryJudge();
  judge.check(1, monoUs(0));
  const check = judge.check(2, monoUs(5e6));
  assert.equal(check.code, 'frame_memory_full');
  assert.match(check.hint ?? '', /frames.memory_mb/);
  assert.deepEqual([...alarmsOf([check]).keys()], ['frame_memory_full']);
});

test('frames that are refused now and then are none', () => {
  assert.deepEqual(statuses([[0, 0], [5, 1], [16, 1], [17, 2], [30, 2], [31, 3]]), Array(6).fill('ok')); // biome-ignore format: a line
});

test('looks close together are not taken for a long time', () => {
  assert.deepEqual(statuses([[0, 1], [1, 2], [2, 3], [3, 4]]), ['ok', 'ok', 'ok', 'warn']); // biome-ignore format: a line
});
