import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MonoUs, monoUs } from '../../../../src/base/units.ts';
import { ClipSpan } from '../../../../src/record/clip/clip-span.ts';

const at = (seconds: number): MonoUs => monoUs(seconds * 1e6);
const span = (durationMs: number | undefined, postMs?: number, isStopped = false): ClipSpan =>
  new ClipSpan({
    triggeredAt: at(100),
    request: { preMs: 5000, durationMs, ...(postMs !== undefined && { postMs }) },
    maxClipMs: 60_000,
    isStopped,
  });
const end = ({ endsAt, endsAs }: ClipSpan) => [endsAt, endsAs];

test('a clip ends after its duration, or when its file is long enough', () => {
  assert.equal(span(10_000).startsAt, at(95));
  assert.deepEqual(end(span(10_000)), [at(110), 'duration']);
  assert.deepEqual(end(span(60_000)), [at(160), 'duration']);
  assert.deepEqual(end(span(60_001)), [at(160), 'max_length']);
  assert.deepEqual(end(span(undefined)), [at(160), 'max_length']);
});

test('a clip that is triggered again ends later, never sooner', () => {
  const clip = span(10_000);
  clip.extend(at(105), 10_000);
  assert.deepEqual(end(clip), [at(115), 'duration']);
  clip.extend(at(106), 1000);
  assert.deepEqual(end(clip), [at(115), 'duration']);
  clip.extend(at(107), undefined);
  assert.deepEqual(end(clip), [at(160), 'max_length']);
  clip.extend(at(108), 1000);
  assert.deepEqual(end(clip), [at(160), 'max_length']);
});

test('a clip with a post-roll goes on for that long when it is stopped, and ends when it is stopped again', () => {
  assert.equal(span(undefined).stop(at(110)), true);
  const clip = span(undefined, 3000);
  assert.equal(clip.stop(at(110)), false);
  assert.deepEqual(end(clip), [at(113), 'stopped']);
  assert.equal(clip.stop(at(111)), true);
});

test('a file that goes on in a post-roll ends as stopped, at once when it is stopped again', () => {
  const file = span(2000, 3000, true);
  assert.deepEqual(end(file), [at(102), 'stopped']);
  assert.equal(file.stop(at(101)), true);
});

test('a clip that is triggered again in its post-roll runs on', () => {
  const clip = span(undefined, 3000);
  clip.stop(at(110));
  clip.extend(at(112), 10_000);
  assert.deepEqual(end(clip), [at(122), 'duration']);
  assert.equal(clip.stop(at(115)), false);
  assert.deepEqual(end(clip), [at(118), 'stopped']);
});
