import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsavedMs } from '../../../../src/record/archive/unsaved.ts';

const MINUTE_MS = 60_000;

for (const [fps, crashMs, powerCutMs] of [
  [30, 500, 1500],
  [10, 500, 1500],
  [9.99, 500.5, 1501],
  [15, 533, 1567],
  [1, 1000, 2500],
] as const) {
  test(`a clip of ${fps} frames a second loses ${crashMs} ms in a crash, ${powerCutMs} in a power cut, at most`, () => {
    const stored = { frames: Math.round((MINUTE_MS / 1000) * fps) + 1, spanMs: MINUTE_MS };
    assert.ok(Math.abs(unsavedMs('crashed', stored) - crashMs) < 2, String(unsavedMs('crashed', stored)));
    assert.ok(Math.abs(unsavedMs('power_cut', stored) - powerCutMs) < 3, String(unsavedMs('power_cut', stored)));
  });
}

test('a clip of one frame loses what is usual', () => {
  assert.equal(unsavedMs('crashed', { frames: 1, spanMs: 0 }), 500);
  assert.equal(unsavedMs('power_cut', { frames: 1, spanMs: 0 }), 1500);
});
