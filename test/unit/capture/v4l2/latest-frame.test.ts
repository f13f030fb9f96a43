import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatestFrame } from '../../../../src/capture/v4l2/latest-frame.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { frameOf, syntheticJpeg } from '../../../support/jpegs.ts';

const JPEG = syntheticJpeg();

function setUp() {
  const arena = new FrameArena(1_000_000);
  return { arena, latest: new LatestFrame(), frame: (sequence: number) => frameOf(arena, JPEG, sequence) };
}

test('LatestFrame gives a frame that is there already', async () => {
  const { latest, frame } = setUp();
  assert.equal(latest.put(frame(1)), true);
  assert.equal((await latest.take())?.sequence, 1);
});

test('LatestFrame gives a frame to who waits for it', async () => {
  const { latest, frame } = setUp();
  const taken = latest.take();
  latest.put(frame(1));
  assert.equal((await taken)?.sequence, 1);
});

test('LatestFrame keeps the newer of two, releases the older and tells so', async () => {
  const { arena, latest, frame } = setUp();
  latest.put(frame(1));
  assert.equal(latest.put(frame(2)), false);
  const taken = await latest.take();
  assert.equal(taken?.sequence, 2);
  taken.release();
  assert.equal(arena.usedBytes, 0);
});

test('LatestFrame gives the frame still there before it throws the failure', async () => {
  const { latest, frame } = setUp();
  latest.put(frame(1));
  latest.fail(new Error('unplugged'));
  assert.equal((await latest.take())?.sequence, 1);
  await assert.rejects(latest.take(), /unplugged/);
});

test('LatestFrame throws the first failure at who waits', async () => {
  const { latest } = setUp();
  const taken = latest.take();
  latest.fail(new Error('first'));
  latest.fail(new Error('second'));
  await assert.rejects(taken, /first/);
});

test('LatestFrame releases the frame still there when it is closed, and ends the wait', async () => {
  const { arena, latest, frame } = setUp();
  latest.put(frame(1));
  latest.close();
  assert.equal(arena.usedBytes, 0);
  assert.equal(await latest.take(), undefined);
  const other = new LatestFrame();
  const taken = other.take();
  other.close();
  assert.equal(await taken, undefined);
});

test('LatestFrame releases at once what comes after the end', () => {
  const { arena, latest, frame } = setUp();
  latest.close();
  latest.put(frame(1));
  assert.equal(arena.usedBytes, 0);
  assert.equal(latest.ended, true);
});
