import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameArena, type Slot } from '../../../src/frame/frame-arena.ts';

test('a slot has the asked length and gives its bytes back when freed', () => {
  const arena = new FrameArena(4096);
  const slot = arena.take(100);
  assert.equal(slot?.bytes.length, 100);
  assert.equal(arena.usedBytes, 128);
  slot?.free();
  assert.equal(arena.usedBytes, 0);
});

test('take answers undefined and counts when there is no room', () => {
  const arena = new FrameArena(1024);
  const slot = arena.take(1000);
  assert.equal(arena.take(64), undefined);
  assert.equal(arena.refused, 1);
  slot?.free();
  assert.ok(arena.take(1024));
});

test('neighbouring free blocks are joined, in whatever order they are freed', () => {
  const arena = new FrameArena(3 * 64);
  const slots = [arena.take(64), arena.take(64), arena.take(64)];
  for (const i of [0, 2, 1]) slots[i]?.free();
  assert.ok(arena.take(3 * 64));
});

test('a slice of a slot is a copy that outlives it', () => {
  const arena = new FrameArena(1024);
  const slot = arena.take(4);
  slot?.bytes.fill(7);
  const copy = slot?.bytes.slice();
  slot?.bytes.fill(0);
  assert.deepEqual(copy, Uint8Array.of(7, 7, 7, 7));
});

test('freeing a slot twice is an error', () => {
  const slot = new FrameArena(1024).take(10);
  slot?.free();
  assert.throws(() => slot?.free(), /freed twice/);
});

test('live slots never overlap and everything comes back, whatever is taken and freed [property]', () => {
  const step = fc.record({
    take: fc.integer({ min: 1, max: 700 }),
    free: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const arena = new FrameArena(8192);
      const live: Slot[] = [];
      for (const { take, free } of steps) {
        const slot = arena.take(take);
        if (slot !== undefined) live.push(slot);
        if (free % 3 !== 0 && live.length > 0) live.splice(free % live.length, 1)[0]?.free();
        const ranges = live.map(({ bytes }) => [bytes.byteOffset, bytes.byteOffset + bytes.length] as const);
        ranges.sort((a, b) => a[0] - b[0]);
        assert.ok(ranges.every(([start], i) => i === 0 || start >= ranges[i - 1]![1]));
      }
      for (const slot of live) slot.free();
      assert.equal(arena.usedBytes, 0);
      assert.ok(arena.take(8192));
    }),
  );
});
