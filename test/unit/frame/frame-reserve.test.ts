import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { monoUs } from '../../../src/base/units.ts';
import { Frame } from '../../../src/frame/frame.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { PreRollRing } from '../../../src/frame/pre-roll.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { syntheticJpeg } from '../../support/jpegs.ts';

const LAYOUT = walkJpeg(syntheticJpeg());
const ENDLESS = { maxMs: 1e9, maxBytes: 1e9, maxFrames: 1000 };

/** Rings that would keep all, over one arena. */
function setUp(capBytes: number, count: number) {
  const arena = new FrameArena(capBytes);
  const rings = Array.from({ length: count }, () => new PreRollRing(ENDLESS));
  const reserves = rings.map((ring) => arena.addReserve(ring));
  let time = 0;
  /** A frame passes: whether there was room for it. */
  const pass = (ring: number, bytes: number): boolean => {
    assert.ok(typeof LAYOUT !== 'string');
    const slot = arena.take(bytes);
    if (slot === undefined) return false;
    using frame = new Frame(slot, bytes, { capturedAt: monoUs(time++), sequence: time, jpeg: LAYOUT });
    rings[ring]!.push(frame);
    return true;
  };
  const held = () => rings.map(({ frames }) => frames);
  return { arena, rings, reserves, pass, held };
}

test('the oldest frame of all pre-rolls gives way when there is no room for a new one, and is counted', () => {
  const { arena, rings, pass, held } = setUp(4 * 64, 2);
  for (const ring of [1, 0, 0, 1]) assert.ok(pass(ring, 64));
  assert.deepEqual(held(), [2, 2]);
  assert.ok(pass(0, 64));
  assert.deepEqual(held(), [3, 1]);
  assert.ok(pass(0, 64));
  assert.deepEqual(held(), [3, 1]);
  assert.deepEqual(
    rings.map(({ evicted }) => evicted.toJSON()),
    [{ memory: 1 }, { memory: 1 }],
  );
  assert.equal(arena.refused, 0);
});

test('as many frames give way as it takes for room in one piece', () => {
  const { pass, held } = setUp(4 * 64, 2);
  for (const ring of [0, 1, 0, 1]) pass(ring, 64);
  assert.ok(pass(1, 3 * 64));
  assert.deepEqual(held(), [0, 2]);
});

test('no frame gives way to one that is larger than the arena', () => {
  const { arena, pass, held } = setUp(4 * 64, 1);
  pass(0, 64);
  assert.ok(!pass(0, 5 * 64));
  assert.deepEqual([held(), arena.refused], [[1], 1]);
});

test('a frame is refused when others hold what the pre-roll has let go of', () => {
  const { arena, rings, pass, held } = setUp(2 * 64, 1);
  pass(0, 64);
  pass(0, 64);
  const clip = rings[0]!.since(monoUs(0));
  assert.ok(!pass(0, 64));
  assert.deepEqual([held(), arena.refused], [[0], 1]);
  for (const frame of clip) frame.release();
  assert.ok(pass(0, 64));
});

test('a reserve that was taken back keeps its frames', () => {
  const { arena, reserves, pass, held } = setUp(2 * 64, 1);
  pass(0, 64);
  pass(0, 64);
  reserves[0]![Symbol.dispose]();
  assert.ok(!pass(0, 64));
  assert.deepEqual([held(), arena.refused], [[2], 1]);
});

test('an arena filled by pre-rolls alone never stops a frame, whatever the sizes [property]', () => {
  const capBytes = 8192;
  const passing = fc.record({ ring: fc.nat(2), bytes: fc.integer({ min: 1, max: capBytes }) });
  fc.assert(
    fc.property(fc.array(passing, { maxLength: 300 }), (frames) => {
      const { arena, rings, pass } = setUp(capBytes, 3);
      for (const { ring, bytes } of frames) assert.ok(pass(ring, bytes), `${bytes} bytes`);
      for (const ring of rings) ring[Symbol.dispose]();
      assert.deepEqual([arena.refused, arena.usedBytes], [0, 0]);
    }),
  );
});
