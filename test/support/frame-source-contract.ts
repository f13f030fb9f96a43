import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FrameSource } from '../../src/capture/frame-source.ts';
import type { Frame } from '../../src/frame/frame.ts';
import { FrameArena } from '../../src/frame/frame-arena.ts';
import { walkJpeg } from '../../src/jpeg/walk.ts';

export interface ContractOptions {
  /** How many frames to look at, or fewer if the source ends before. */
  readonly frames?: number;
  readonly arenaBytes?: number;
  /** How soon an aborted iteration must have ended. */
  readonly promptMs?: number;
  /** Whether it can be restarted; files cannot. */
  readonly restarts?: boolean;
}

/** What a test keeps of a frame after releasing it. */
interface Seen {
  readonly sequence: number;
  readonly capturedAt: number;
  readonly width: number;
  readonly height: number;
}

/** Read up to `count` frames, releasing each after `look`. */
async function read(
  source: FrameSource,
  count: number,
  look: (frame: Frame) => void = () => undefined,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const frame of source.frames(new AbortController().signal)) {
    using _ = frame;
    look(frame);
    const { sequence, capturedAt, width, height } = frame;
    seen.push({ sequence, capturedAt, width, height });
    if (seen.length === count) break;
  }
  return seen;
}

async function within<T>(ms: number, what: string, outcome: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What every FrameSource owes its consumer (src/capture/frame-source.ts). `makeSource` opens a new source that takes
 * its slots from the given arena, with at least two frames to give; it is called once for each test.
 */
export function frameSourceContract(
  name: string,
  makeSource: (arena: FrameArena) => Promise<FrameSource>,
  { frames = 10, arenaBytes = 32_000_000, promptMs = 1000, restarts = false }: ContractOptions = {},
): void {
  /** Run with a source of one's own; afterwards the source is disposed of, and all frames must be back. */
  const withSource = async (body: (source: FrameSource, arena: FrameArena) => Promise<void>): Promise<void> => {
    const arena = new FrameArena(arenaBytes);
    {
      await using source = await makeSource(arena);
      await body(source, arena);
    }
    assert.equal(arena.usedBytes, 0, 'the source kept a slot of the arena');
  };

  describe(`${name} as a FrameSource`, () => {
    test('gives frames whose sequence and capture time increase', () =>
      withSource(async (source) => {
        const seen = await read(source, frames);
        assert.ok(seen.length >= 2, `only ${seen.length} frames`);
        for (const [i, frame] of seen.entries()) {
          const before = seen[i - 1];
          if (before === undefined) continue;
          assert.ok(frame.sequence > before.sequence, `sequence ${before.sequence} then ${frame.sequence}`);
          assert.ok(frame.capturedAt > before.capturedAt, `time ${before.capturedAt} then ${frame.capturedAt}`);
        }
      }));

    test('gives frames that are whole JPEGs, with their layout', () =>
      withSource(async (source) => {
        await read(source, frames, (frame) => assert.deepEqual(walkJpeg(frame.bytes), frame.jpeg));
      }));

    test('tells the size that its frames have', () =>
      withSource(async (source) => {
        const [first] = await read(source, 1);
        assert.deepEqual([first?.width, first?.height], [source.about.width, source.about.height]);
      }));

    test('counts the frames it hands out, and accounts for those missing between them', () =>
      withSource(async (source) => {
        const seen = await read(source, frames);
        assert.equal(source.counts.captured, seen.length);
        const missing = seen.at(-1)!.sequence - seen[0]!.sequence + 1 - seen.length;
        const accounted = source.counts.gaps + source.counts.dropped.total;
        assert.ok(missing <= accounted, `${missing} missing, ${accounted} accounted for`);
      }));

    test('lends frames that outlive it when they are retained', async () => {
      const arena = new FrameArena(arenaBytes);
      let kept: Frame | undefined;
      {
        await using source = await makeSource(arena);
        await read(source, 1, (frame) => {
          kept = frame.retain();
        });
      }
      assert.ok(kept !== undefined && arena.usedBytes > 0);
      assert.deepEqual(walkJpeg(kept.bytes), kept.jpeg);
      kept.release();
      assert.equal(arena.usedBytes, 0);
    });

    test('ends promptly when the signal is aborted', () =>
      withSource(async (source) => {
        const aborter = new AbortController();
        const iterator = source.frames(aborter.signal)[Symbol.asyncIterator]();
        (await iterator.next()).value?.release();
        const pending = iterator.next();
        aborter.abort();
        const ended = (async () => {
          for (let step = await pending; !step.done; step = await iterator.next()) step.value.release();
        })();
        await within(promptMs, 'ending', ended);
      }));

    test('gives no frame when the signal was aborted before', () =>
      withSource(async (source) => {
        for await (const frame of source.frames(AbortSignal.abort())) {
          frame.release();
          assert.fail('a frame in spite of the abort');
        }
        assert.equal(source.counts.captured, 0);
      }));

    test('ends the iteration when it is disposed of', () =>
      withSource(async (source) => {
        const iterator = source.frames(new AbortController().signal)[Symbol.asyncIterator]();
        (await iterator.next()).value?.release();
        const pending = iterator.next();
        await within(promptMs, 'disposing', Promise.resolve(source[Symbol.asyncDispose]()));
        const ended = (async () => {
          for (let step = await pending; !step.done; step = await iterator.next()) step.value.release();
        })();
        await within(promptMs, 'ending', ended);
      }));

    test('can be disposed of more than once', () =>
      withSource(async (source) => {
        await read(source, 1);
        await Promise.all([source[Symbol.asyncDispose](), source[Symbol.asyncDispose]()]);
        await source[Symbol.asyncDispose]();
      }));

    test('gives no frame after it was disposed of', () =>
      withSource(async (source) => {
        await source[Symbol.asyncDispose]();
        assert.deepEqual(await read(source, 1), []);
      }));

    test('refuses to be iterated twice', () =>
      withSource(async (source) => {
        await read(source, 1);
        await assert.rejects(() => read(source, 1), { code: 'conflict' });
      }));

    if (restarts) {
      test('gives frames again after a restart, with sequence and capture times that go on', () =>
        withSource(async (source) => {
          const before = await read(source, 3);
          await source.restart?.();
          const after = await read(source, 3);
          assert.equal(after.length, 3);
          assert.ok(after[0]!.sequence > before.at(-1)!.sequence);
          assert.ok(after[0]!.capturedAt > before.at(-1)!.capturedAt);
          assert.equal(source.counts.captured, 6);
        }));
    } else {
      test('cannot be restarted, and says so', () =>
        withSource(async (source) => assert.equal(source.restart, undefined)));
    }
  });
}
