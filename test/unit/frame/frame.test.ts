import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { frameOf, syntheticJpeg } from '../../support/jpegs.ts';

test('the slot is free after the last of several holders released', () => {
  const arena = new FrameArena(1 << 20);
  const frame = frameOf(arena, syntheticJpeg(), 0);
  frame.retain();
  frame.release();
  assert.notEqual(arena.usedBytes, 0);
  frame.release();
  assert.equal(arena.usedBytes, 0);
});

test('releasing once too often is an error', () => {
  const frame = frameOf(new FrameArena(1 << 20), syntheticJpeg(), 0);
  frame.release();
  assert.throws(() => frame.release(), /released twice/);
});

test('retaining after the last release is an error', () => {
  const frame = frameOf(new FrameArena(1 << 20), syntheticJpeg(), 0);
  frame.release();
  assert.throws(() => frame.retain(), /after its last release/);
});
