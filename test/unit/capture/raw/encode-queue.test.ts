import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { monoUs } from '../../../../src/base/units.ts';
import { DESKS_NEEDED, EncodeQueue } from '../../../../src/capture/raw/encode-queue.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { ScriptedEncoder } from '../../../support/scripted-encoder.ts';

function setUp(arenaBytes = 1_000_000) {
  const encoder = new ScriptedEncoder(DESKS_NEEDED);
  encoder.paused = true;
  const arena = new FrameArena(arenaBytes);
  const made: number[] = [];
  const dropped: string[] = [];
  const failures: [fault: string, inARow: number][] = [];
  const queue = new EncodeQueue(encoder, arena, {
    frame: (frame) => {
      made.push(frame.sequence);
      frame.release();
    },
    drop: (reason) => dropped.push(reason),
    failed: (fault, inARow) => failures.push([fault, inARow]),
  });
  const offer = (...sequences: number[]): void => {
    for (const sequence of sequences) queue.offer(Uint8Array.of(sequence), { sequence, capturedAt: monoUs(sequence) });
  };
  /** End the encoding that was begun as the `index`-th of those under way. */
  const finish = async (index = 0): Promise<void> => {
    encoder.finish(encoder.underWay[index]!);
    await settled();
  };
  const fail = async (fault: string): Promise<void> => {
    encoder.underWay[0]!.settle({ fault });
    await settled();
  };
  return { encoder, arena, queue, made, dropped, failures, offer, finish, fail };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('EncodeQueue encodes two pictures at the same time, and the third after one of them', async () => {
  const { encoder, offer, finish, made, dropped, arena } = setUp();
  offer(1, 2, 3);
  assert.equal(encoder.underWay.length, 2);
  await finish();
  assert.equal(encoder.underWay.length, 2);
  await finish();
  await finish();
  assert.deepEqual([made, dropped], [[1, 2, 3], []]);
  assert.equal(encoder.mostUnderWay, 2);
  assert.equal(arena.usedBytes, 0);
});

test('EncodeQueue gives frames in the order of their pictures, also when a later one is done first', async () => {
  const { offer, finish, made } = setUp();
  offer(1, 2, 3);
  await finish(1);
  assert.deepEqual(made, []);
  await finish(0);
  assert.deepEqual(made, [1, 2]);
  await finish();
  assert.deepEqual(made, [1, 2, 3]);
});

test('EncodeQueue lets the newest picture wait, and counts those that it takes the place of', async () => {
  const { offer, finish, made, dropped } = setUp();
  offer(1, 2, 3, 4, 5);
  assert.deepEqual(dropped, ['encoder_busy', 'encoder_busy']);
  for (let i = 0; i < 3; i++) await finish();
  assert.deepEqual(made, [1, 2, 5]);
});

test('EncodeQueue keeps of the arena no more than the JPEG needs', async () => {
  const arena = new FrameArena(1_000_000);
  const encoder = new ScriptedEncoder(DESKS_NEEDED);
  let kept = 0;
  await using queue = new EncodeQueue(encoder, arena, {
    frame: (frame) => {
      kept = arena.usedBytes;
      assert.ok(kept < frame.bytes.length + 64, `${kept} bytes for a JPEG of ${frame.bytes.length}`);
      frame.release();
    },
    drop: () => assert.fail('dropped'),
    failed: () => assert.fail('failed'),
  });
  queue.offer(Uint8Array.of(1), { sequence: 1, capturedAt: monoUs(1) });
  await queue[Symbol.asyncDispose]();
  assert.ok(kept > 0);
  assert.equal(arena.usedBytes, 0);
});

test('EncodeQueue counts a picture for whose JPEG the arena has no room, and goes on when it has', async () => {
  const { arena, offer, finish, made, dropped } = setUp(20_000);
  const rest = arena.take(arena.capBytes);
  offer(1, 2);
  await finish();
  await finish();
  assert.deepEqual(dropped, ['arena_full', 'arena_full']);
  rest?.free();
  offer(3);
  await finish();
  assert.deepEqual(made, [3]);
});

test('EncodeQueue takes nothing of the arena while it encodes', async () => {
  const { encoder, arena, offer, finish, made } = setUp(1);
  offer(1, 2);
  assert.deepEqual([encoder.underWay.length, arena.refused], [2, 0]);
  await finish();
  await finish();
  assert.deepEqual(made, []);
});

test('EncodeQueue drops a picture that cannot be encoded, says why, and goes on', async () => {
  const { arena, offer, fail, finish, made, dropped, failures } = setUp();
  offer(1);
  await fail('no paper');
  offer(2);
  await fail('no ink');
  offer(3);
  await finish();
  offer(4);
  await fail('no paper');
  assert.deepEqual(failures, [
    ['no paper', 1],
    ['no ink', 2],
    ['no paper', 1],
  ]);
  assert.deepEqual([made, dropped.length, arena.usedBytes], [[3], 3, 0]);
});

test('EncodeQueue takes bytes that are no JPEG for a failure', async () => {
  const { encoder, offer, dropped, failures } = setUp();
  offer(1);
  encoder.underWay[0]!.out.fill(0);
  encoder.underWay[0]!.settle(100);
  await settled();
  assert.deepEqual([dropped, failures], [['encode_failed'], [['it made a JPEG that is none (no_soi)', 1]]]);
});

test('EncodeQueue, disposed of, gives what is being encoded, forgets what waits, and takes no more', async () => {
  const { encoder, arena, queue, offer, finish, made } = setUp();
  offer(1, 2, 3);
  let closed = false;
  const closing = queue[Symbol.asyncDispose]().then(() => {
    closed = true;
  });
  offer(4);
  await finish();
  assert.equal(closed, false);
  await finish();
  await closing;
  assert.deepEqual([made, encoder.underWay.length, arena.usedBytes], [[1, 2], 0, 0]);
  offer(5);
  assert.equal(encoder.underWay.length, 0);
  await queue[Symbol.asyncDispose]();
});

test('EncodeQueue accounts for every picture, in order, whatever ends when [property]', async () => {
  const step = fc.oneof(
    fc.constant('offer'),
    fc.constant('finish first'),
    fc.constant('finish last'),
    fc.constant('fail'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { encoder, arena, queue, offer, finish, fail, made, dropped } = setUp();
      let offered = 0;
      for (const what of steps) {
        if (what === 'offer') offer(offered++);
        else if (encoder.underWay.length === 0) continue;
        else if (what === 'fail') await fail('scripted');
        else await finish(what === 'finish first' ? 0 : encoder.underWay.length - 1);
      }
      while (encoder.underWay.length > 0) await finish();
      await queue[Symbol.asyncDispose]();
      assert.equal(made.length + dropped.length, offered);
      assert.deepEqual(
        made,
        made.toSorted((a, b) => a - b),
      );
      assert.ok(encoder.mostUnderWay <= 2);
      assert.equal(arena.usedBytes, 0);
    }),
    { numRuns: 200, seed: 7 },
  );
});
