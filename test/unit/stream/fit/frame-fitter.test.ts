import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import { SILENT } from '../../../../src/base/logger.ts';
import type { Frame } from '../../../../src/frame/frame.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { rtpJpegForm } from '../../../../src/rtp/jpeg-form.ts';
import { FrameFitter } from '../../../../src/stream/fit/frame-fitter.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { ffmpegJpegs, frameOf, syntheticJpeg } from '../../../support/jpegs.ts';
import { until } from '../../../support/until.ts';

const STANDARD = syntheticJpeg(160, 120);
const OPTIMISED = ffmpegJpegs(1, '160x120', ['-huffman', 'optimal']);

interface Seen {
  readonly sequence: number;
  readonly sendable: boolean;
}

function setUp(options: { huffman?: 'recode' | 'refuse'; slow?: boolean; arenaBytes?: number } = {}) {
  const arena = new FrameArena(options.arenaBytes ?? 1 << 20);
  const seen: Seen[] = [];
  // a clock on which every look takes 5 ms makes each picture a slow one
  const fake = new FakeClock();
  let looks = 0;
  const slowClock = { ...SYSTEM_CLOCK, now: () => (fake.now() + 5000 * looks++) as ReturnType<FakeClock['now']> };
  const emit = (frame: Frame): void => {
    seen.push({ sequence: frame.sequence, sendable: typeof rtpJpegForm(frame.jpeg, frame.bytes) !== 'string' });
  };
  const fitter = new FrameFitter(
    { huffman: options.huffman ?? 'recode', restartMarkers: 'keep', place: 'auto' },
    emit,
    { arena, clock: options.slow ? slowClock : SYSTEM_CLOCK, logger: SILENT },
  );
  const offer = (jpeg: Uint8Array, sequence: number): void => {
    using frame = frameOf(arena, jpeg, sequence);
    fitter.onFrame(frame);
  };
  return { arena, seen, fitter, offer };
}

test('a picture that RTP can carry is handed on as it is', async () => {
  const { arena, seen, fitter, offer } = setUp();
  offer(STANDARD, 1);
  assert.deepEqual(seen, [{ sequence: 1, sendable: true }]);
  assert.equal(fitter.counts.recoded, 0);
  await fitter[Symbol.asyncDispose]();
  assert.equal(arena.usedBytes, 0);
});

test('a picture with optimised Huffman tables is handed on as one that RTP can carry', async () => {
  const { arena, seen, fitter, offer } = setUp();
  offer(OPTIMISED, 1);
  assert.deepEqual(seen, [{ sequence: 1, sendable: true }]);
  assert.equal(fitter.counts.recoded, 1);
  await fitter[Symbol.asyncDispose]();
  assert.equal(arena.usedBytes, 0);
});

test('with huffman refuse it is handed on as it is, for the streams to refuse', () => {
  const { seen, offer } = setUp({ huffman: 'refuse' });
  offer(OPTIMISED, 1);
  assert.deepEqual(seen, [{ sequence: 1, sendable: false }]);
});

test('a picture whose scan is damaged is dropped with its reason', () => {
  const { seen, fitter, offer } = setUp();
  const damaged = OPTIMISED.slice();
  damaged.fill(0xaa, damaged.length - 400, damaged.length - 2);
  offer(damaged, 1);
  assert.deepEqual(seen, []);
  assert.equal(fitter.counts.dropped.total, 1);
});

test('without room in the arena the frame is dropped and counted', () => {
  const { fitter, offer } = setUp({ arenaBytes: OPTIMISED.length + 128 });
  offer(OPTIMISED, 1);
  assert.deepEqual(fitter.counts.dropped.toJSON(), { arena_full: 1 });
});

/** Chequers of 4 pixels, black and white, by the real libjpeg: with the standard tables more than twice as long. */
function chequers(): Uint8Array {
  const [width, height] = [640, 480];
  const pixels = Buffer.alloc(width * height * 3, 255);
  for (let i = 0; i < width * height; i++) {
    if (((i % width) >> 2) % 2 === (Math.floor(i / width) >> 2) % 2) pixels.fill(0, 3 * i, 3 * i + 3);
  }
  const input = Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), pixels]);
  return new Uint8Array(execFileSync('cjpeg', ['-optimize', '-quality', '100'], { input, maxBuffer: 1 << 24 }));
}

for (const slow of [false, true]) {
  test(`a picture that grows out of its room gets more${slow ? ', also in the thread' : ''}`, async () => {
    const { arena, seen, fitter, offer } = setUp({ slow, arenaBytes: 1 << 24 });
    if (slow) for (let i = 0; i < 10; i++) offer(OPTIMISED, i);
    const sentBefore = seen.length;
    offer(chequers(), 20);
    await until('the picture has come', () => seen.length > sentBefore || fitter.counts.dropped.total > 0);
    const { place } = fitter;
    await fitter[Symbol.asyncDispose]();
    assert.equal(place, slow ? 'thread' : 'loop');
    assert.deepEqual(fitter.counts.dropped.toJSON(), {});
    assert.deepEqual(seen.at(-1), { sequence: 20, sendable: true });
    assert.equal(arena.usedBytes, 0);
  });
}

test('slow re-coding moves to a thread, keeps the order, and drops what the thread has no time for', async () => {
  const { arena, seen, fitter, offer } = setUp({ slow: true });
  for (let i = 0; i < 10; i++) offer(OPTIMISED, i);
  assert.equal(fitter.place, 'loop');
  for (let i = 10; i < 15; i++) offer(OPTIMISED, i);
  assert.equal(fitter.place, 'thread');
  assert.deepEqual(fitter.counts.dropped.toJSON(), { thread_busy: 3 });
  await until('the thread has answered', () => seen.length === 12);
  assert.deepEqual(seen.slice(10), [
    { sequence: 10, sendable: true },
    { sequence: 11, sendable: true },
  ]);
  await fitter[Symbol.asyncDispose]();
  assert.equal(arena.usedBytes, 0);
});

test('frames at the thread are released when the fitter is closed', async () => {
  const { arena, fitter, offer } = setUp({ slow: true });
  for (let i = 0; i < 12; i++) offer(OPTIMISED, i);
  await fitter[Symbol.asyncDispose]();
  assert.equal(arena.usedBytes, 0);
  assert.equal(fitter.counts.dropped.of('thread_failed'), 2);
});
