import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import fc from 'fast-check';
import { type MonoUs, monoUs } from '../../../../src/base/units.ts';
import { newSourceCounts } from '../../../../src/capture/frame-source.ts';
import type { PictureQueue } from '../../../../src/capture/v4l2/capture-stream.ts';
import { JpegPictures } from '../../../../src/capture/v4l2/jpeg-pictures.ts';
import { PictureIntake } from '../../../../src/capture/v4l2/picture-intake.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import type { DequeueOutcome } from '../../../../src/v4l2/streaming.ts';
import { capturedBuffer } from '../../../support/captured-buffers.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { syntheticJpeg } from '../../../support/jpegs.ts';
import { LogCollector } from '../../../support/log-collector.ts';

const { EIO, ENODEV } = constants.errno;
const JPEG = syntheticJpeg();
const BUFFERS = 4;
/** Pictures of the clock's last second. */
const capturedAtOf = (sequence: number): MonoUs => monoUs(999_000_000 + sequence);

interface Shot {
  readonly bytes?: Uint8Array;
  readonly damaged?: boolean;
  readonly sequence?: number;
  readonly capturedAt?: MonoUs | undefined;
}

/** A driver's queue, scripted: it hands out what was shot while buffers are left, and watches over who has which. */
class ScriptedQueue implements PictureQueue {
  readonly bufferCount = BUFFERS;
  readonly #filled: (Shot | { readonly errno: number })[] = [];
  readonly #held = new Set<number>();
  requeueErrno = 0;
  #sequence = 0;

  shoot(...shots: Shot[]): void {
    this.#filled.push(...shots);
  }

  fail(errno: number): void {
    this.#filled.push({ errno });
  }

  /** How many buffers are out. */
  get held(): number {
    return this.#held.size;
  }

  dequeue(): DequeueOutcome {
    const shot = this.#filled.shift();
    if (shot === undefined) return 'empty';
    if ('errno' in shot) return shot;
    const index = [0, 1, 2, 3].find((candidate) => !this.#held.has(candidate));
    assert.ok(index !== undefined, 'all buffers are out');
    this.#held.add(index);
    this.#sequence = shot.sequence ?? this.#sequence + 1;
    const { bytes = JPEG, damaged = false } = shot;
    const capturedAt = 'capturedAt' in shot ? shot.capturedAt : capturedAtOf(this.#sequence);
    return capturedBuffer({ index, bytes, damaged, sequence: this.#sequence, capturedAt });
  }

  requeue(index: number): number {
    assert.ok(this.#held.delete(index), `buffer ${index} was not out`);
    return this.requeueErrno;
  }
}

function setUp(arenaBytes = 1_000_000) {
  const queue = new ScriptedQueue();
  const counts = newSourceCounts();
  const arena = new FrameArena(arenaBytes);
  const clock = new FakeClock();
  const logger = new LogCollector();
  const intake = new PictureIntake(queue, new JpegPictures(arena), counts, { clock, logger });
  /** Take, and let go of the frame. */
  const take = () => {
    const { frame, alive, fault } = intake.take();
    const facts = frame && { sequence: frame.sequence, capturedAt: frame.capturedAt, length: frame.bytes.length };
    frame?.release();
    assert.equal(queue.held, 0, 'a buffer did not go back to the driver');
    return { ...facts, alive, fault };
  };
  return { queue, counts, arena, clock, logger, intake, take };
}

test('PictureIntake copies the picture into the arena and gives the buffer back', () => {
  const { queue, arena, intake } = setUp();
  const driverMemory = Uint8Array.from(JPEG);
  queue.shoot({ bytes: driverMemory });
  const { frame } = intake.take();
  assert.ok(frame);
  assert.equal(queue.held, 0);
  driverMemory.fill(0); // the driver writes the next picture there
  assert.deepEqual(Buffer.from(frame.bytes), Buffer.from(JPEG));
  frame.release();
  assert.equal(arena.usedBytes, 0);
});

test('PictureIntake leaves out what a camera pads a picture with', () => {
  const { queue, take } = setUp();
  queue.shoot({ bytes: Buffer.concat([JPEG, Buffer.alloc(500)]) });
  assert.equal(take().length, JPEG.length);
});

test('PictureIntake leaves out the rest of an older picture, though it ends in an EOI', () => {
  const { queue, take } = setUp();
  queue.shoot({ bytes: Buffer.concat([JPEG, JPEG.subarray(-500)]) });
  assert.equal(take().length, JPEG.length);
});

test('PictureIntake gives a picture the EOI that its camera left out', () => {
  const { queue, counts, intake } = setUp();
  queue.shoot({ bytes: JPEG.subarray(0, -2) });
  using frame = intake.take().frame;
  assert.deepEqual(Buffer.from(frame?.bytes ?? []), Buffer.from(JPEG));
  assert.equal(counts.dropped.total, 0);
});

test('PictureIntake gives nothing when the queue is empty', () => {
  const { take } = setUp();
  assert.deepEqual(take(), { alive: false, fault: undefined });
});

test('PictureIntake gives the freshest of several pictures and counts the others as stale', () => {
  const { queue, counts, take } = setUp();
  queue.shoot({}, {}, {});
  assert.equal(take().sequence, 3);
  assert.deepEqual(counts.dropped.toJSON(), { stale: 2 });
  assert.equal(counts.gaps, 0);
});

test('PictureIntake takes no more pictures in one go than there are buffers', () => {
  const { queue, take } = setUp();
  queue.shoot({}, {}, {}, {}, {}, {});
  assert.equal(take().sequence, BUFFERS);
  assert.equal(take().sequence, 6);
});

test('PictureIntake prefers an older whole picture to a newer damaged one', () => {
  const { queue, counts, take } = setUp();
  queue.shoot({}, { damaged: true });
  assert.equal(take().sequence, 1);
  assert.deepEqual(counts.dropped.toJSON(), { buffer_error: 1 });
});

for (const [what, shot, reason] of [
  ['flagged as damaged', { damaged: true }, 'buffer_error'],
  ['without bytes', { bytes: new Uint8Array(0) }, 'empty'],
  ['cut short', { bytes: JPEG.subarray(0, JPEG.length - 10) }, 'no_eoi'],
  ['that does not start as a JPEG', { bytes: JPEG.subarray(1) }, 'no_soi'],
] as const) {
  test(`PictureIntake drops a picture ${what}`, () => {
    const { queue, counts, take } = setUp();
    queue.shoot(shot);
    assert.deepEqual(take(), { alive: false, fault: undefined });
    assert.deepEqual(counts.dropped.toJSON(), { [reason]: 1 });
  });
}

test('PictureIntake counts the pictures missing in the sequence as gaps', () => {
  const { queue, counts, take } = setUp();
  queue.shoot({ sequence: 5 }, { sequence: 6 }, { sequence: 9 });
  take();
  assert.equal(counts.gaps, 2);
});

test('PictureIntake counts no gap for a picture that came damaged, whatever number it had', () => {
  const { queue, counts, take } = setUp();
  queue.shoot({ sequence: 5 }, { sequence: 4_000_000_000, damaged: true }, { sequence: 7 });
  take();
  queue.shoot({ sequence: 0, damaged: true }, { sequence: 9 });
  take();
  assert.equal(counts.gaps, 0);
  assert.deepEqual(counts.dropped.toJSON(), { buffer_error: 2, stale: 1 });
});

test('PictureIntake numbers frames on when the sequence of the driver wraps at 2^32', () => {
  const { queue, counts, take } = setUp();
  queue.shoot({ sequence: 0xffffffff });
  assert.equal(take().sequence, 0xffffffff);
  queue.shoot({ sequence: 1 });
  assert.equal(take().sequence, 0x100000001);
  assert.equal(counts.gaps, 1);
});

test('PictureIntake numbers frames on when the driver starts counting anew', () => {
  const { queue, counts, take } = setUp();
  queue.shoot({ sequence: 100 });
  take();
  queue.shoot({ sequence: 0 });
  assert.equal(take().sequence, 101);
  queue.shoot({ sequence: 1 });
  assert.equal(take().sequence, 102);
  assert.equal(counts.gaps, 0);
});

test('PictureIntake takes the time of the kernel, and tells when the picture arrived', () => {
  const { queue, clock, intake } = setUp();
  queue.shoot({ capturedAt: monoUs(999_123_456) });
  using frame = intake.take().frame;
  assert.deepEqual([frame?.capturedAt, frame?.arrivedAt], [999_123_456, clock.now()]);
});

test('PictureIntake counts a picture for which the arena has no room, and calls the camera alive', () => {
  const { queue, counts, take } = setUp(64);
  queue.shoot({});
  assert.deepEqual(take(), { alive: true, fault: undefined });
  assert.deepEqual(counts.dropped.toJSON(), { arena_full: 1 });
});

test('PictureIntake gives the last picture along with the fault that comes after it', () => {
  const { queue, take } = setUp();
  queue.shoot({});
  queue.fail(ENODEV);
  const { sequence, fault } = take();
  assert.deepEqual([sequence, fault], [1, { errno: ENODEV }]);
});

test('PictureIntake reports a fault when a buffer cannot be given back, and gives back the others', () => {
  const { queue, counts, take } = setUp();
  queue.requeueErrno = EIO;
  queue.shoot({}, { damaged: true }, {});
  assert.deepEqual(take().fault, { errno: EIO });
  assert.deepEqual(counts.dropped.toJSON(), { buffer_error: 1, stale: 1 });
});

test('PictureIntake takes pictures again after a restart', () => {
  const { queue, intake, take } = setUp();
  queue.shoot({}, {});
  take();
  queue.fail(EIO);
  assert.deepEqual(take().fault, { errno: EIO });
  intake.restart();
  queue.shoot({ sequence: 0 });
  const { sequence, fault } = take();
  assert.deepEqual([sequence, fault], [3, undefined]);
});

for (const [what, breakIt] of [
  ['the arena', ({ arena }) => Object.assign(arena, { take: () => assert.fail('a defect') })],
  ['the log', ({ logger }) => Object.assign(logger, { warn: () => assert.fail('a defect') })],
  ['the clock', ({ clock }) => Object.assign(clock, { now: () => assert.fail('a defect') })],
] as const satisfies [string, (parts: ReturnType<typeof setUp>) => unknown][]) {
  test(`PictureIntake gives every buffer back also when ${what} has a defect`, () => {
    const parts = setUp();
    parts.queue.shoot({ damaged: true }, {}, { capturedAt: undefined });
    breakIt(parts);
    assert.throws(() => parts.intake.take(), /a defect/);
    assert.equal(parts.queue.held, 0);
    assert.equal(parts.arena.usedBytes, 0);
  });
}

test('PictureIntake never loses a buffer, a slot or a picture from the counts, whatever comes', () => {
  const shot = fc.record({
    bytes: fc.constantFrom(JPEG, JPEG.subarray(0, 100), new Uint8Array(0)),
    damaged: fc.boolean(),
    step: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(shot, { maxLength: BUFFERS })), (rounds) => {
      const { queue, counts, arena, take } = setUp();
      let [sequence, pictures, frames, previous] = [0, 0, 0, -1];
      for (const round of rounds) {
        for (const { step, ...rest } of round) {
          sequence += step;
          pictures += 1;
          queue.shoot({ ...rest, sequence, capturedAt: capturedAtOf(sequence) });
        }
        const taken = take();
        if (taken.sequence === undefined) continue;
        assert.ok(taken.sequence > previous);
        previous = taken.sequence;
        frames += 1;
      }
      assert.equal(frames + counts.dropped.total, pictures);
      assert.ok(counts.gaps <= sequence - pictures);
      assert.equal(arena.usedBytes, 0);
    }),
  );
});
