import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoPlus, monoUs } from '../../../../src/base/units.ts';
import type { ClipRequest, ClipResult } from '../../../../src/record/clip/clip.ts';
import { firstInRow } from '../../../../src/record/clip/clip-row.ts';
import { type BrokenClip, continueClip, nextFile } from '../../../../src/record/clip/continue-clip.ts';
import { WholeClip } from '../../../../src/record/clip/whole-clip.ts';

const TRIGGER = monoUs(100_000_000);
const REQUEST: ClipRequest = { id: 'door', label: 'a', preMs: 5000, durationMs: 30_000, encoder: 'auto' };
const BROKEN: BrokenClip = {
  parts: { request: REQUEST, row: firstInRow('door'), whole: new WholeClip() },
  firstAt: monoPlus(TRIGGER, -4_900_000),
  span: {
    startsAt: monoPlus(TRIGGER, -5_000_000),
    wantedUntil: monoPlus(TRIGGER, 30_000_000),
    isStopped: false,
  },
};
const RESULT = { clip: 'door', encoder: 'libx264', frames: 300, duration_ms: 10_000 } as ClipResult;
const after = (ms: number) => monoPlus(TRIGGER, ms * 1000);

test('rest of a clip begins behind its last stored frame and ends when the clip was to end', () => {
  const rest = continueClip(BROKEN, RESULT, after(6000));
  assert.equal(rest?.startsAt, BROKEN.firstAt! + 10_000_100);
  assert.deepEqual(rest?.request, { ...REQUEST, id: 'door-2', preMs: 899.9, durationMs: 24_000 });
  assert.deepEqual(rest?.row, { first: 'door', part: 2, previous: 'door', failed: ['libx264'] });
});

test('rest of a clip without a file is all of it', () => {
  const rest = continueClip(BROKEN, { ...RESULT, frames: 0, duration_ms: 0 }, after(1000));
  assert.equal(rest?.startsAt, BROKEN.span.startsAt);
  assert.equal(rest?.request.preMs, 6000);
});

test('rest of a rest is numbered on, and knows all that went before', () => {
  const second = continueClip(BROKEN, RESULT, after(6000))!;
  const broken = {
    parts: second,
    firstAt: second.startsAt,
    span: { ...BROKEN.span, startsAt: second.startsAt },
  };
  const third = continueClip(broken, { ...RESULT, clip: 'door-2', encoder: 'mpeg4', duration_ms: 1000 }, after(9000));
  assert.equal(third?.request.id, 'door-3');
  assert.deepEqual(third?.row, { first: 'door', part: 3, previous: 'door-2', failed: ['libx264', 'mpeg4'] });
});

test('rest of a clip that runs until it is stopped runs so, too', () => {
  const broken = { ...BROKEN, span: { ...BROKEN.span, wantedUntil: undefined } };
  const rest = continueClip(broken, RESULT, after(6000));
  assert.equal(rest?.request.durationMs, undefined);
  assert.ok(rest !== undefined && 'durationMs' in rest.request);
});

test('rest of a clip whose time is over is what the ring holds, if its end was not stored', () => {
  assert.equal(continueClip(BROKEN, RESULT, after(31_000))?.request.durationMs, 0);
  assert.equal(continueClip(BROKEN, { ...RESULT, duration_ms: 34_950 }, after(31_000)), undefined);
});

test('rest of a clip has an id that is short enough', () => {
  const long = { ...REQUEST, id: 'x'.repeat(100) };
  const broken = { ...BROKEN, parts: { ...BROKEN.parts, request: long, row: firstInRow(long.id) } };
  const rest = continueClip(broken, { ...RESULT, clip: long.id }, after(6000));
  assert.equal(rest?.request.id, `${'x'.repeat(92)}-2`);
});

test('rest of a clip that was told to stop is its post-roll', () => {
  const stopped = { ...BROKEN, span: { ...BROKEN.span, isStopped: true } };
  assert.equal(continueClip(stopped, RESULT, after(6000))?.isStopped, true);
  assert.equal(nextFile(stopped, after(10_000)).isStopped, true);
  assert.equal(nextFile(BROKEN, after(10_000)).isStopped, false);
});

test('next file of a clip begins behind its last frame, without a pre-roll, and ends when the clip was to end', () => {
  const rest = nextFile(BROKEN, after(10_000));
  assert.equal(rest.startsAt, after(10_000) + 100);
  assert.deepEqual(rest.request, { ...REQUEST, id: 'door-2', preMs: 0, durationMs: 19_999.9 });
  assert.deepEqual(rest.row, { first: 'door', part: 2, previous: 'door', failed: [] });
});
