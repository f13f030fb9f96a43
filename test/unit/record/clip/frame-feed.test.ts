import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { monoUs } from '../../../../src/base/units.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { FrameFeed } from '../../../../src/record/clip/frame-feed.ts';
import { matroskaFrameHeader, matroskaHeader } from '../../../../src/record/media/matroska.ts';
import { frameOf, syntheticJpeg } from '../../../support/jpegs.ts';

const JPEG = syntheticJpeg();
const LIMITS = { frames: 3, bytes: 1_000_000 };

/** Takes bytes only when let: each `take` accepts what waits. */
class SlowPipe extends Writable {
  readonly received: Uint8Array[] = [];
  #accept: ((failure?: Error) => void) | undefined;

  override _writev(chunks: { chunk: Buffer }[], done: (failure?: Error | null) => void): void {
    this.#accept = (failure) => {
      if (failure === undefined) this.received.push(...chunks.map(({ chunk }) => chunk));
      done(failure);
    };
  }

  async take(failure?: Error): Promise<void> {
    const accept = this.#accept;
    this.#accept = undefined;
    accept?.(failure);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function rig(burstFrames = 0, limits = LIMITS) {
  const arena = new FrameArena(1_000_000);
  let sequence = 0;
  const next = () => {
    sequence += 1;
    return frameOf(arena, JPEG, sequence, monoUs(sequence * 40_000));
  };
  const feed = new FrameFeed(Array.from({ length: burstFrames }, next), limits);
  const offer = (): boolean => {
    using frame = next();
    return feed.offer(frame);
  };
  return { arena, feed, offer, pipe: new SlowPipe() };
}

test('frame feed writes a header once, then each frame at its time from the first one', async () => {
  const { feed, offer, pipe, arena } = rig();
  feed.connect(pipe);
  offer();
  offer();
  await pipe.take();
  await pipe.take();
  const expected = [
    matroskaHeader({ width: 64, height: 48, frameDurationUs: 33_333 }),
    matroskaFrameHeader(0, JPEG.length),
    JPEG,
    matroskaFrameHeader(40_000, JPEG.length),
    JPEG,
  ];
  assert.deepEqual(Buffer.concat(pipe.received), Buffer.concat(expected));
  assert.equal(feed.written, 2);
  assert.equal(arena.usedBytes, 0);
});

test('frame feed hands the bytes of the arena to the pipe, not copies', async () => {
  const { feed, offer, pipe, arena } = rig();
  feed.connect(pipe);
  offer();
  await pipe.take();
  assert.equal(pipe.received.at(-1)!.buffer.byteLength, arena.capBytes);
});

test('frame feed refuses a frame when its count is reached, and takes frames again when one is written', async () => {
  const { feed, offer, pipe } = rig();
  feed.connect(pipe);
  assert.deepEqual([offer(), offer(), offer(), offer()], [true, true, true, false]);
  assert.equal(feed.frames, 3);
  await pipe.take();
  assert.equal(offer(), true);
});

test('frame feed refuses a frame when its bytes are used up', () => {
  const { feed, offer, arena } = rig(0, { frames: 100, bytes: 2 * JPEG.length });
  assert.deepEqual([offer(), offer(), offer()], [true, true, false]);
  assert.equal(feed.bytes, 2 * JPEG.length);
  feed.close();
  assert.equal(arena.usedBytes, 0);
});

test('frame feed has room for the pre-roll burst on top, until it has caught up once', async () => {
  const { feed, offer, pipe } = rig(5);
  assert.deepEqual([offer(), offer(), offer(), offer()], [true, true, true, false]);
  feed.connect(pipe);
  while (feed.frames > 0) await pipe.take();
  assert.deepEqual([offer(), offer(), offer(), offer()], [true, true, true, false]);
});

test('frame feed tells when everything is written', async () => {
  const { feed, offer, pipe } = rig();
  await feed.drained();
  feed.connect(pipe);
  offer();
  offer();
  let drained = false;
  void feed.drained().then(() => {
    drained = true;
  });
  await pipe.take();
  assert.equal(drained, false);
  await pipe.take();
  assert.equal(drained, true);
});

test('frame feed lets go of every frame and counts them as lost when the pipe breaks', async () => {
  const { feed, offer, pipe, arena } = rig();
  pipe.on('error', () => undefined);
  feed.connect(pipe);
  offer();
  offer();
  offer();
  await pipe.take(new Error('EPIPE'));
  assert.deepEqual([feed.closed, feed.lost, feed.written, feed.frames], [true, 3, 0, 0]);
  assert.equal(arena.usedBytes, 0);
  assert.equal(offer(), false);
  await feed.drained();
});

test('frame feed keeps the frame in flight until the pipe lets go of it when it is closed', async () => {
  const { feed, offer, pipe, arena } = rig();
  feed.connect(pipe);
  offer();
  offer();
  feed.close();
  assert.equal(feed.lost, 2);
  assert.ok(arena.usedBytes > 0);
  await pipe.take();
  assert.equal(arena.usedBytes, 0);
});
