import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacedSource } from '../../../src/capture/paced-source.ts';
import type { Pictures } from '../../../src/capture/pictures.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { syntheticJpeg } from '../../support/jpegs.ts';

const JPEG = syntheticJpeg();
const NO_STOP = new AbortController().signal;
const NAME = { kind: 'replay', source: 'test' } as const;

function pictures(list: readonly Uint8Array[]): Pictures {
  return {
    width: 64,
    height: 48,
    count: list.length,
    copy(index, take) {
      const slot = take(list[index]!.length);
      slot?.bytes.set(list[index]!);
      return slot;
    },
    async [Symbol.asyncDispose]() {
      // nothing is held open
    },
  };
}

/** The bytes of each frame. */
async function bytesOf(list: readonly Uint8Array[], arena = new FrameArena(1 << 20)): Promise<Buffer[]> {
  await using source = new PacedSource(
    NAME,
    pictures(list),
    { fps: undefined, loop: false },
    { arena, clock: new FakeClock() },
  );
  const seen: Buffer[] = [];
  for await (const frame of source.frames(NO_STOP)) {
    using _ = frame;
    assert.deepEqual(frame.jpeg, walkJpeg(frame.bytes));
    seen.push(Buffer.from(frame.bytes));
  }
  assert.equal(arena.usedBytes, 0);
  return seen;
}

async function play(list: readonly Uint8Array[], fps: number | undefined, arena = new FrameArena(1 << 20)) {
  const clock = new FakeClock();
  const source = new PacedSource(NAME, pictures(list), { fps, loop: false }, { arena, clock });
  const start = clock.now();
  const seen: { sequence: number; at: number; capturedAt: number }[] = [];
  const done = (async () => {
    for await (const frame of source.frames(NO_STOP)) {
      using _ = frame;
      seen.push({ sequence: frame.sequence, at: clock.now() - start, capturedAt: frame.capturedAt - start });
    }
  })();
  await clock.advance(1000);
  await done;
  assert.equal(arena.usedBytes, 0);
  return { seen, source };
}

test('pictures come at their rate and carry the times of the schedule', async () => {
  const { seen, source } = await play([JPEG, JPEG, JPEG], 10);
  assert.deepEqual(
    seen.map(({ at }) => at),
    [0, 100_000, 200_000],
  );
  assert.deepEqual(
    seen.map(({ capturedAt }) => capturedAt),
    [0, 100_000, 200_000],
  );
  assert.equal(source.counts.captured, 3);
});

test('unpaced pictures come at once, with times as at 30 a second', async () => {
  const { seen } = await play([JPEG, JPEG, JPEG], undefined);
  assert.deepEqual(
    seen.map(({ at }) => at),
    [0, 0, 0],
  );
  assert.deepEqual(
    seen.map(({ capturedAt }) => capturedAt),
    [0, 33_333, 66_667],
  );
});

test('a broken picture is dropped with its reason and leaves a hole in the sequence', async () => {
  const { seen, source } = await play([JPEG, JPEG.subarray(0, 100), JPEG], 10);
  assert.deepEqual(
    seen.map(({ sequence }) => sequence),
    [0, 2],
  );
  assert.deepEqual(source.counts.dropped.toJSON(), { length_past_end: 1 });
});

test('a picture comes from SOI to EOI, without what stands behind it and with an EOI that it lacked', async () => {
  const whole = Buffer.from(JPEG);
  const dirty = Buffer.concat([JPEG, JPEG.subarray(200)]);
  const open = JPEG.subarray(0, -2);
  assert.deepEqual(await bytesOf([dirty, open, JPEG]), [whole, whole, whole]);
});

test('a picture without its EOI is dropped when the arena has no room to give it one', async () => {
  const arena = new FrameArena(JPEG.length);
  assert.deepEqual(await bytesOf([JPEG.subarray(0, -2)], arena), []);
});

test('a full arena drops pictures instead of waiting or growing', async () => {
  const { seen, source } = await play([JPEG, JPEG], 10, new FrameArena(64));
  assert.equal(seen.length, 0);
  assert.deepEqual(source.counts.dropped.toJSON(), { arena_full: 2 });
});

test('a loop over pictures of which none is whole ends with that reason', async () => {
  const clock = new FakeClock();
  const arena = new FrameArena(1 << 20);
  const broken = [JPEG.subarray(0, 100), JPEG.subarray(0, 200)];
  const source = new PacedSource(NAME, pictures(broken), { fps: 10, loop: true }, { arena, clock });
  const played = assert.rejects(
    source.frames(NO_STOP)[Symbol.asyncIterator]().next(),
    /none of its 2 pictures is whole.*length_past_end/,
  );
  await clock.advance(1000);
  await played;
  assert.equal(arena.usedBytes, 0);
});
