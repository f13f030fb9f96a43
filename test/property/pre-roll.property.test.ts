import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { monoUs } from '../../src/base/units.ts';
import { FrameArena } from '../../src/frame/frame-arena.ts';
import { PreRollRing } from '../../src/frame/pre-roll.ts';
import { frameOf, syntheticJpeg } from '../support/jpegs.ts';

const SIZES = [syntheticJpeg(64, 48), syntheticJpeg(128, 96), syntheticJpeg(320, 240)];

test('pre-roll ring holds exactly the newest frames that fit all of its bounds, whatever comes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ step: fc.integer({ min: 0, max: 400 }), size: fc.integer({ min: 0, max: 2 }) }), {
        maxLength: 60,
      }),
      fc.integer({ min: 0, max: 2000 }),
      fc.integer({ min: SIZES[0]!.length >> 1, max: 4 * SIZES[2]!.length }),
      fc.integer({ min: 1, max: 20 }),
      (steps, maxMs, maxBytes, maxFrames) => {
        const arena = new FrameArena(4_000_000);
        const ring = new PreRollRing({ maxMs, maxBytes, maxFrames });
        const model: { at: number; bytes: number }[] = [];
        let at = 0;
        for (const [i, { step, size }] of steps.entries()) {
          at += step * 1000;
          const jpeg = SIZES[size]!;
          using frame = frameOf(arena, jpeg, i, monoUs(at));
          ring.push(frame);
          model.push({ at, bytes: jpeg.length });
        }
        const newest = model.filter((frame) => frame.at >= at - maxMs * 1000).slice(-maxFrames);
        while (newest.reduce((sum, frame) => sum + frame.bytes, 0) > maxBytes) newest.shift();
        // A frame too large for the ring empties it: what is before it is no pre-roll any more.
        const tooLarge = model.findLastIndex((frame) => frame.bytes > maxBytes);
        const expected = maxMs === 0 ? [] : newest.filter((frame) => model.indexOf(frame) > tooLarge);
        const held = ring.since(monoUs(0));
        assert.deepEqual(
          held.map((frame) => frame.capturedAt),
          expected.map((frame) => frame.at),
        );
        assert.equal(
          ring.bytes,
          expected.reduce((sum, frame) => sum + frame.bytes, 0),
        );
        for (const frame of held) frame.release();
        ring[Symbol.dispose]();
        assert.equal(arena.usedBytes, 0);
      },
    ),
  );
});
