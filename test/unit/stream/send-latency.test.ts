import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoPlus } from '../../../src/base/units.ts';
import { Frame } from '../../../src/frame/frame.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { SendLatency } from '../../../src/stream/send-latency.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { syntheticJpeg } from '../../support/jpegs.ts';

const JPEG = syntheticJpeg();
const EMPTY = { frames: 0, p50_ms: null, p99_ms: null, max_ms: null };

function setUp() {
  const clock = new FakeClock();
  const arena = new FrameArena(100_000);
  const latency = new SendLatency(clock);
  let sequence = 0;
  /** A frame that arrived so long before its first packet is sent. */
  const send = (us: number, again = false): void => {
    if (!again) sequence += 1;
    const jpeg = walkJpeg(JPEG);
    assert.ok(typeof jpeg !== 'string');
    const arrivedAt = monoPlus(clock.now(), -us);
    using frame = new Frame(arena.take(JPEG.length)!, JPEG.length, {
      capturedAt: monoPlus(arrivedAt, -40_000),
      arrivedAt,
      sequence,
      jpeg,
    });
    latency.note(frame);
  };
  return { clock, latency, send };
}

test('latency of no frame is null', () => {
  assert.deepEqual(setUp().latency.report(), EMPTY);
});

test('latency counts from the arrival of a frame, not from its capture', () => {
  const { latency, send } = setUp();
  for (let i = 0; i < 99; i++) send(500);
  send(20_000);
  assert.deepEqual(latency.report(), { frames: 100, p50_ms: 0.511, p99_ms: 0.511, max_ms: 20 });
});

test('latency counts a frame once, whatever the number of its receivers', () => {
  const { latency, send } = setUp();
  send(500);
  send(900, true);
  assert.deepEqual(latency.report().frames, 1);
});

test('latency looks back on five to ten minutes', async () => {
  const { clock, latency, send } = setUp();
  send(90_000);
  await clock.advance(300_000);
  send(100);
  assert.deepEqual([latency.report().frames, latency.report().max_ms], [2, 90]);
  await clock.advance(300_000);
  assert.deepEqual([latency.report().frames, latency.report().max_ms], [1, 0.1]);
  await clock.advance(300_000);
  assert.deepEqual(latency.report(), EMPTY);
});
