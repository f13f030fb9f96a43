import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatestFrame } from '../../../../src/app/camera/latest-frame.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { frameOf, syntheticJpeg } from '../../../support/jpegs.ts';

const JPEG = syntheticJpeg();
const never = new AbortController().signal;

function setUp() {
  const clock = new FakeClock();
  const arena = new FrameArena(1 << 20);
  const latest = new LatestFrame('front', clock);
  const show = (sequence: number): void => {
    using frame = frameOf(arena, JPEG, sequence, clock.now());
    latest.onFrame(frame);
  };
  return { clock, arena, latest, show };
}

test('take hands out the newest frame when it is fresh', async () => {
  const { arena, latest, show } = setUp();
  show(1);
  show(2);
  const frame = await latest.take(never);
  assert.equal(frame.sequence, 2);
  frame.release();
  latest[Symbol.dispose]();
  assert.equal(arena.usedBytes, 0);
});

test('take waits for the next frame when the newest is old', async () => {
  const { clock, arena, latest, show } = setUp();
  show(1);
  await clock.advance(1500);
  const taken = latest.take(never);
  show(2);
  const frame = await taken;
  assert.equal(frame.sequence, 2);
  assert.equal(clock.pendingTimers, 0);
  frame.release();
  latest[Symbol.dispose]();
  assert.equal(arena.usedBytes, 0);
});

test('take gives up after 5 s without a frame', async () => {
  const { clock, latest } = setUp();
  const taken = assert.rejects(latest.take(never), { code: 'timed_out' });
  await clock.advance(5000);
  await taken;
});

test('take ends with the reason of an aborted signal', async () => {
  const { clock, latest } = setUp();
  const abort = new AbortController();
  const taken = assert.rejects(latest.take(abort.signal), /shutting down/);
  abort.abort(new Error('shutting down'));
  await taken;
  assert.equal(clock.pendingTimers, 0);
});

test('a seventeenth waiting taker is told that it is busy', async () => {
  const { latest, show } = setUp();
  const waiting = Array.from({ length: 16 }, () => latest.take(never));
  await assert.rejects(latest.take(never), { code: 'busy' });
  show(1);
  for (const frame of await Promise.all(waiting)) frame.release();
});

test('the age of the newest frame follows the clock', async () => {
  const { clock, latest, show } = setUp();
  assert.equal(latest.ageMs, undefined);
  show(1);
  await clock.advance(250);
  assert.equal(latest.ageMs, 250);
});
