import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import type { CamboxError } from '../../../../src/base/errors.ts';
import { SILENT } from '../../../../src/base/logger.ts';
import { monoPlus } from '../../../../src/base/units.ts';
import type { FrameSource } from '../../../../src/capture/frame-source.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { frameSourceContract } from '../../../support/frame-source-contract.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { ScriptedCamera } from '../../../support/scripted-camera.ts';

const { EAGAIN, EINVAL, EIO, ENODEV, EPIPE } = constants.errno;
const ARENA_BYTES = 1_000_000;

frameSourceContract(
  'a scripted camera',
  async (arena) => new ScriptedCamera(SYSTEM_CLOCK, 200).source({ arena, clock: SYSTEM_CLOCK, logger: SILENT }),
  { restarts: true },
);

function setUp(prepare: (camera: ScriptedCamera) => void = () => undefined) {
  const clock = new FakeClock();
  const arena = new FrameArena(ARENA_BYTES);
  const camera = new ScriptedCamera(clock);
  prepare(camera);
  const source = camera.source({ arena, clock, logger: new LogCollector() });
  return { clock, arena, camera, source, reading: read(source) };
}

/** Reads in the background until the source ends; `frames` and `times` grow meanwhile. */
function read(source: FrameSource) {
  const reading = { frames: 0, times: [] as number[], error: undefined as CamboxError | undefined, over: false };
  void (async () => {
    try {
      for await (const frame of source.frames(new AbortController().signal)) {
        reading.frames += 1;
        reading.times.push(frame.capturedAt);
        frame.release();
      }
    } catch (thrown) {
      reading.error = thrown as CamboxError;
    }
    reading.over = true;
  })();
  return reading;
}

type Parts = ReturnType<typeof setUp>;

/** Disposes of the source; then nothing of the camera, no timer and no slot may be left. */
async function assertNothingLeft({ source, camera, clock, arena }: Parts): Promise<void> {
  await source[Symbol.asyncDispose]();
  assert.deepEqual([camera.leftovers, clock.pendingTimers, arena.usedBytes], [[], 0, 0]);
}

const CUT = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);

const faults: [string, (camera: ScriptedCamera) => void, code: string, message: RegExp, withinMs: number][] = [
  ['is silent', (camera) => camera.freeze(), 'device_silent', /no frame for 3\.0 s/, 3100],
  ['stalls', (camera) => camera.stall(), 'device_stalled', /empty buffers, then nothing for 3\.0 s/, 3100],
  [
    'gives only cut pictures',
    (camera) => camera.spoil(Number.POSITIVE_INFINITY, { bytes: CUT }),
    'pictures_broken',
    /only broken pictures for 3\.0 s: received \{"no_sos":\d\d\}/,
    3100,
  ],
  [
    'gives only empty pictures',
    (camera) => camera.spoil(Number.POSITIVE_INFINITY, { bytes: new Uint8Array(0) }),
    'pictures_broken',
    /received \{"empty":\d\d\}/,
    3100,
  ],
  [
    'marks every picture as damaged',
    (camera) => camera.spoil(Number.POSITIVE_INFINITY, { damaged: true }),
    'pictures_broken',
    /received \{"buffer_error":\d\d\}/,
    3100,
  ],
  ['breaks with EIO', (camera) => camera.break(EIO), 'device_failed', /EIO/, 0],
  ['breaks with EPIPE', (camera) => camera.break(EPIPE), 'device_failed', /EPIPE/, 0],
  ['breaks and does not say why', (camera) => camera.break(EAGAIN), 'device_failed', /the kernel reports an error/, 0],
  ['is unplugged', (camera) => camera.break(ENODEV), 'device_lost', /ENODEV/, 0],
  ['is unplugged and says EINVAL', (camera) => camera.break(EINVAL), 'device_lost', /ENODEV/, 0],
  [
    'refuses a buffer',
    (camera) => {
      camera.refuse.requeue = EIO;
    },
    'device_failed',
    /EIO/,
    100,
  ],
];

for (const [what, breakIt, code, message, withinMs] of faults) {
  test(`CameraSource throws ${code} when the camera ${what}, and leaves nothing behind`, async () => {
    const parts = setUp();
    await parts.clock.advance(200);
    assert.ok(parts.reading.frames >= 5);
    breakIt(parts.camera);
    await parts.clock.advance(withinMs);
    assert.equal(parts.reading.error?.code, code, String(parts.reading.error));
    assert.match(parts.reading.error.message, message);
    await assertNothingLeft(parts);
  });
}

test('CameraSource throws device_silent when broken pictures come first and then nothing', async () => {
  const parts = setUp();
  parts.camera.spoil(Number.POSITIVE_INFINITY, { bytes: CUT });
  await parts.clock.advance(500);
  parts.camera.freeze();
  await parts.clock.advance(2600);
  assert.equal(parts.reading.error?.code, 'device_silent');
  assert.match(parts.reading.error.message, /no whole frame for 3\.0 s: received \{"no_sos":\d\d\}/);
  await assertNothingLeft(parts);
});

test('CameraSource throws what starting the stream throws, and leaves nothing behind', async () => {
  const parts = setUp((camera) => {
    camera.refuse.start = EIO;
  });
  await parts.clock.advance(0);
  assert.equal(parts.reading.error?.code, 'device_failed');
  await assertNothingLeft(parts);
});

test('CameraSource goes on after a few broken pictures, and counts them', async () => {
  const parts = setUp();
  await parts.clock.advance(200);
  parts.camera.spoil(5, { bytes: CUT });
  await parts.clock.advance(4000);
  assert.equal(parts.reading.error, undefined);
  assert.deepEqual(parts.source.counts.dropped.toJSON(), { no_sos: 5 });
  assert.equal(parts.source.counts.gaps, 0);
  await assertNothingLeft(parts);
});

test('CameraSource keeps capture times growing, at the distance of the pictures, when timestamps jump', async () => {
  const parts = setUp();
  await parts.clock.advance(200);
  parts.camera.spoil(10, { stamp: (time) => monoPlus(time, -5_000_000) });
  await parts.clock.advance(1000);
  parts.camera.spoil(10, { stamp: (time) => monoPlus(time, 5_000_000) });
  await parts.clock.advance(1000);
  assert.deepEqual(parts.source.counts.retimed.toJSON(), { too_old: 10, ahead: 10 });
  const steps = parts.reading.times.slice(1).map((time, i) => time - parts.reading.times[i]!);
  assert.ok(
    steps.every((step) => Math.abs(step - 33_333) <= 1),
    steps.join(),
  );
  await assertNothingLeft(parts);
});

test('CameraSource gives frames again after a restart, with sequence and times that go on', async () => {
  const parts = setUp();
  const { camera, clock, source } = parts;
  await clock.advance(200);
  camera.stall();
  await clock.advance(3100);
  assert.equal(parts.reading.error?.code, 'device_stalled');
  camera.thaw();
  await source.restart?.();
  const again = read(source);
  await clock.advance(200);
  assert.equal(camera.starts, 2);
  assert.ok(again.frames >= 5);
  assert.ok(again.times[0]! > parts.reading.times.at(-1)!);
  assert.equal(source.counts.captured, parts.reading.frames + again.frames);
  await assertNothingLeft(parts);
});

test('CameraSource fails again after a restart that does not help', async () => {
  const parts = setUp();
  const { camera, clock, source } = parts;
  camera.freeze();
  await clock.advance(3100);
  for (let i = 0; i < 3; i++) {
    await source.restart?.();
    const again = read(source);
    await clock.advance(3100);
    assert.equal(again.error?.code, 'device_silent');
  }
  await assertNothingLeft(parts);
});

test('CameraSource gives nothing after a restart when it was disposed of', async () => {
  const parts = setUp();
  await parts.source[Symbol.asyncDispose]();
  await parts.source.restart?.();
  const { starts } = parts.camera;
  const again = read(parts.source);
  await parts.clock.advance(100);
  assert.deepEqual([again.frames, parts.camera.starts], [0, starts]);
});
