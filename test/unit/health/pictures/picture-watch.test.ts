import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../../src/base/units.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { type PictureLimits, PictureWatch } from '../../../../src/health/pictures/picture-watch.ts';
import { ffmpegColor, ffmpegJpegs, frameOf, syntheticJpeg } from '../../../support/jpegs.ts';
import { splitJpegs } from '../../../support/mjpeg-pictures.ts';

const LIMITS: PictureLimits = {
  frozenAfterMs: 10_000,
  darkAfterMs: 30_000,
  corruptAfterMs: 3000,
  isFrozenFault: false,
};
const PICTURES = Array.from({ length: 7 }, (_, number) => syntheticJpeg(160, 120, number));
const BLACK = [0, 1, 2].map((number) => ffmpegColor('black', number));

function setUp(limits: Partial<PictureLimits> = {}) {
  const arena = new FrameArena(1_000_000);
  const told: string[] = [];
  const watch = new PictureWatch({ ...LIMITS, ...limits }, () => told.push(watch.warnings.join()));
  let number = 0;
  /** Frames for so long, 10 a second; the faults that came. */
  const show = (seconds: number, jpegs: readonly Uint8Array[]): string[] => {
    const faults: string[] = [];
    for (let i = 0; i < seconds * 10; i++, number++) {
      using frame = frameOf(arena, jpegs[number % jpegs.length]!, number, monoUs(1e9 + number * 1e5));
      const fault = watch.look(frame);
      if (fault !== undefined) faults.push(fault);
    }
    assert.equal(arena.usedBytes, 0);
    return faults;
  };
  return { watch, told, show };
}

/** A source of ffmpeg's as a sensor without light gives it. */
function noisy(source: string, filter: string): Uint8Array[] {
  const output = ['-vf', `${filter},noise=alls=12:allf=t:all_seed=1`, '-q:v', '2', '-huffman', 'default'];
  return splitJpegs(ffmpegJpegs(3, '160x120', output, source));
}

/** Looks whole, and cannot be decoded. */
function damaged(jpeg: Uint8Array): Uint8Array {
  const copy = jpeg.slice();
  for (let at = 700; at < copy.length - 2; at += 10) copy[at]! ^= 0x5a;
  return copy;
}

test('watch warns of nothing while pictures differ, and looks into few of them', () => {
  const { watch, told, show } = setUp();
  assert.deepEqual(show(120, PICTURES), []);
  assert.deepEqual(told, []);
  assert.deepEqual(watch.counts, { inspected: 24, corrupt: 0 });
});

test('watch warns that the same picture comes again and again, until another one comes', () => {
  const { watch, told, show } = setUp();
  show(1, PICTURES);
  assert.deepEqual(show(10, [PICTURES[0]!]), []);
  assert.deepEqual(told, []);
  show(0.2, [PICTURES[0]!]);
  assert.deepEqual(watch.warnings, ['frozen']);
  show(0.1, [PICTURES[1]!]);
  assert.deepEqual(told, ['frozen', '']);
});

test('watch takes pictures for the same that differ in their headers only', () => {
  const { watch, show } = setUp();
  const counted = [1, 2, 3].map((number) => {
    const jpeg = PICTURES[0]!;
    return new Uint8Array([...jpeg.subarray(0, 2), 0xff, 0xfe, 0, 3, number, ...jpeg.subarray(2)]); // a comment
  });
  show(11, counted);
  assert.deepEqual(watch.warnings, ['frozen']);
});

test('watch does not take two pictures of a very slow camera for frozen', () => {
  const { watch } = setUp();
  const arena = new FrameArena(1_000_000);
  const warnings = [0, 1, 2, 3, 4].map((number) => {
    using frame = frameOf(arena, PICTURES[0]!, number, monoUs(1e9 + number * 10e6));
    watch.look(frame);
    return watch.warnings.length;
  });
  assert.deepEqual(warnings, [0, 0, 0, 0, 1]);
});

test('watch calls frozen a fault where the config says so', () => {
  const { show } = setUp({ isFrozenFault: true });
  assert.deepEqual(show(10, [PICTURES[0]!]), []);
  assert.equal(show(0.2, [PICTURES[0]!])[0], 'pictures_frozen');
});

test('watch never calls pictures frozen or dark where the config says so', () => {
  const { told, show } = setUp({ frozenAfterMs: 0, darkAfterMs: 0, isFrozenFault: true });
  assert.deepEqual(show(60, [BLACK[0]!]), []);
  assert.deepEqual(told, []);
});

test('watch warns of black pictures that last, until a picture is there again', () => {
  const { watch, told, show } = setUp();
  show(1, PICTURES);
  show(30, BLACK);
  assert.deepEqual(told, []);
  show(15, BLACK);
  assert.deepEqual(watch.warnings, ['dark']);
  show(2, PICTURES);
  assert.deepEqual(told, ['dark', '']);
});

test('watch calls pictures of a covered lens dark, however much its noise takes', () => {
  const covered = noisy('color=0x101010', 'null');
  assert.ok(covered[0]!.length > BLACK[0]!.length * 5);
  const { watch, told, show } = setUp({ darkAfterMs: 5000 });
  show(1, PICTURES);
  show(18, covered);
  assert.deepEqual(watch.warnings, ['dark']);
  show(6, PICTURES);
  assert.deepEqual(told, ['dark', '']);
});

for (const [what, picture] of [
  ['a light in the night', noisy('color=0x101010', 'drawbox=x=80:y=40:w=10:h=10:color=white:t=fill')],
  ['a dim scene', noisy('testsrc2', 'lutyuv=y=16+(val-16)*0.2:u=128:v=128')],
  ['fog', noisy('color=0xa0a0a0', 'null')],
] as const) {
  test(`watch does not call pictures of ${what} dark`, () => {
    const { told, show } = setUp({ darkAfterMs: 5000 });
    show(60, picture);
    assert.deepEqual(told, []);
  });
}

test('watch calls pictures of any one colour dark', () => {
  const { watch, show } = setUp();
  show(
    45,
    [0, 1, 2].map((number) => ffmpegColor('green', number)),
  );
  assert.deepEqual(watch.warnings, ['dark']);
});

test('watch calls a camera dark and frozen that gives one black picture', () => {
  const { watch, show } = setUp();
  show(45, [BLACK[0]!]);
  assert.deepEqual(watch.warnings, ['frozen', 'dark']);
});

test('watch finds pictures that cannot be decoded within its interval, and calls it a fault when they last', () => {
  const { told, show } = setUp();
  show(1, PICTURES);
  const broken = PICTURES.map((jpeg) => damaged(jpeg));
  assert.deepEqual(show(7, broken), []);
  assert.equal(show(8, broken)[0], 'pictures_corrupt');
  assert.deepEqual(told, ['corrupt']);
});

test('watch warns of pictures of which some can be decoded, counts the looks, and takes them for no fault', () => {
  const { watch, told, show } = setUp();
  const thirds = PICTURES.flatMap((jpeg) => [jpeg, damaged(jpeg), damaged(jpeg)]);
  assert.deepEqual(show(20, thirds), []);
  assert.deepEqual(told, ['corrupt']);
  assert.deepEqual(show(600, thirds), []);
  const { corrupt, inspected } = watch.counts;
  assert.ok(corrupt > 0.6 * inspected && corrupt < 0.75 * inspected, JSON.stringify(watch.counts));
  show(15, PICTURES);
  assert.deepEqual(told, ['corrupt', '']);
});

for (const every of [2, 3, 5, 10, 100, 300]) {
  test(`watch finds damage in every picture but one of ${every}, however that falls together with its looks`, () => {
    const { told, show } = setUp();
    show(60, [PICTURES[0]!, ...Array.from({ length: every - 1 }, (_, i) => damaged(PICTURES[i % PICTURES.length]!))]);
    assert.deepEqual(told, ['corrupt']);
  });
}

test('watch calls it a fault when no picture can be decoded any more of which some could before', () => {
  const { show } = setUp();
  show(20, [PICTURES[0]!, damaged(PICTURES[1]!), damaged(PICTURES[2]!)]);
  const faults = show(
    40,
    PICTURES.map((jpeg) => damaged(jpeg)),
  );
  assert.equal(faults[0], 'pictures_corrupt');
});

test('watch counts a single picture that cannot be decoded, and says nothing', () => {
  const { watch, told, show } = setUp();
  show(0.1, [damaged(PICTURES[0]!)]);
  show(60, PICTURES);
  assert.deepEqual([watch.counts.corrupt, told], [1, []]);
});

test('watch does not call it a fault when it has never understood a picture of the camera', () => {
  const { watch, show } = setUp();
  assert.deepEqual(
    show(
      60,
      PICTURES.map((jpeg) => damaged(jpeg)),
    ),
    [],
  );
  assert.deepEqual(watch.warnings, ['corrupt']);
});

test('watch starts anew with a new source, but knows that the camera has been understood', () => {
  const { watch, told, show } = setUp();
  show(1, PICTURES);
  show(11, [PICTURES[0]!]);
  watch.begin();
  assert.deepEqual([told, watch.warnings], [['frozen'], []]);
  const faults = show(
    4,
    PICTURES.map((jpeg) => damaged(jpeg)),
  );
  assert.equal(faults[0], 'pictures_corrupt');
});
