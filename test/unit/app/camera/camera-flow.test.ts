import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { CameraFlow } from '../../../../src/app/camera/camera-flow.ts';
import { SILENT } from '../../../../src/base/logger.ts';
import type { Camera } from '../../../../src/config/config.ts';
import { parseConfig } from '../../../../src/config/load-config.ts';
import type { Frame } from '../../../../src/frame/frame.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { FakeHotplug } from '../../../support/fake-hotplug.ts';
import { syntheticJpeg } from '../../../support/jpegs.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { ScriptedCamera } from '../../../support/scripted-camera.ts';

const { EIO, ENODEV } = constants.errno;

function configured(parts: object): Camera {
  const camera = { id: 'front', source: '/dev/scripted', ...parts };
  return parseConfig({ cameras: [camera] }, {}, 'test').cameras[0]!;
}

/** A flow with a scripted camera at its beginning and a counting wing at its end. */
function setUp(config: object = {}) {
  const clock = new FakeClock();
  const arena = new FrameArena(1_000_000);
  const camera = new ScriptedCamera(clock);
  const logger = new LogCollector();
  const told: string[] = [];
  const seen = { frames: 0 };
  const count = { onFrame: (_: Frame) => void seen.frames++ };
  const none = { onFrame: () => undefined };
  const stages = {
    isThere: async () => true,
    resetUsb: async () => 'no unit here',
    restartService: async () => 'no watchdog here',
  };
  const openSource = async () => camera.source({ arena, clock, logger: SILENT });
  const parts = { openSource, stages, hotplug: new FakeHotplug(), clock, logger };
  const flow = new CameraFlow(configured(config), { latest: none, streams: none, recorder: count }, parts, {
    onState: () => told.push(flow.state),
    onWarnings: () => told.push(`warnings ${flow.warnings.join()}`),
    onStage: () => told.push(`stage ${report().recovery.stage}`),
    onTrouble: () => told.push('trouble'),
  });
  const report = () => JSON.parse(JSON.stringify(flow.report()));
  const stopping = new AbortController();
  const running = flow.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await clock.advance(0);
    await running;
    flow.stop();
    assert.deepEqual([camera.leftovers, clock.pendingTimers, arena.usedBytes], [[], 0, 0]);
  };
  return { clock, camera, flow, logger, told, seen, report, stop };
}

test('flow hands a camera that starts from its source to its wings, and ends without a trace', async () => {
  const { clock, flow, logger, told, seen, stop } = setUp();
  assert.equal(flow.state, 'starting');
  await clock.advance(1000);
  assert.ok(seen.frames >= 28, `${seen.frames} frames`);
  await stop();
  assert.deepEqual(told, ['streaming', 'stopped']);
  assert.deepEqual(logger.events, ['camera_streaming']);
});

test('flow tells that a camera recovers, what was done, and what helped', async () => {
  const { clock, camera, flow, logger, told, seen, report, stop } = setUp();
  await clock.advance(1000);
  camera.stall();
  await clock.advance(3000);
  assert.equal(flow.state, 'recovering');
  assert.equal(flow.trouble?.code, 'device_stalled');
  assert.deepEqual(report().recovery, {
    stage: 'restart_stream',
    faults: { device_stalled: 1 },
    tried: { restart_stream: 1 },
    helped: {},
    skipped: {},
  });
  const { frames } = seen;
  camera.thaw();
  await clock.advance(1000);
  assert.ok(seen.frames > frames);
  assert.equal(flow.trouble, undefined);
  assert.deepEqual(told, ['streaming', 'trouble', 'recovering', 'streaming']);
  assert.deepEqual(report().recovery.helped, { restart_stream: 1 });
  assert.equal(report().reopened, 0);
  assert.deepEqual(logger.events, ['camera_streaming', 'camera_recovery', 'camera_streaming']);
  assert.equal(logger.of('camera_streaming')[1]?.fields['after'], 'restart_stream');
  await stop();
});

test('flow says of a camera that nothing helps that it failed, once, and says each refusal once', async () => {
  const { clock, camera, flow, logger, told, report, stop } = setUp();
  await clock.advance(1000);
  camera.freeze();
  await clock.advance(3_600_000);
  assert.equal(flow.state, 'failed');
  assert.deepEqual(told.filter((word) => word !== 'trouble').slice(0, 8), [
    'streaming',
    'recovering',
    'stage restart_stream',
    'stage reopen',
    'stage reopen',
    'stage reopen',
    'stage usb_reset',
    'stage watchdog',
  ]);
  assert.equal(told.filter((word) => word === 'failed').length, 1);
  assert.deepEqual(report().recovery.skipped, { usb_reset: 'no unit here', watchdog: 'no watchdog here' });
  assert.equal(logger.of('camera_recovery_skipped').length, 2);
  assert.ok(logger.of('camera_recovery_exhausted').length > 1);
  await stop();
});

test('flow counts over all sources of a camera', async () => {
  const { clock, camera, report, stop } = setUp();
  await clock.advance(1000);
  camera.spoil(2, { damaged: true });
  await clock.advance(1000);
  camera.refuse.start = EIO;
  camera.break(EIO);
  await clock.advance(1500); // restarted twice and opened once, in vain
  camera.refuse.start = 0;
  camera.refuse.dequeue = 0;
  await clock.advance(1000);
  camera.spoil(3, { damaged: true });
  await clock.advance(1000);
  const { dropped, reopened, recovery } = report();
  assert.deepEqual([dropped, reopened], [{ buffer_error: 5 }, 2]);
  assert.deepEqual(recovery.helped, { reopen: 1 });
  await stop();
});

test('flow calls an unplugged camera lost, and does nothing to it but open it', async () => {
  const { clock, camera, flow, logger, report, stop } = setUp();
  await clock.advance(1000);
  camera.break(ENODEV);
  await clock.advance(0);
  assert.equal(flow.state, 'lost');
  assert.deepEqual(report().recovery.tried, {});
  assert.deepEqual(logger.events, ['camera_streaming', 'camera_unavailable']);
  camera.refuse.dequeue = 0;
  await clock.advance(2000);
  assert.equal(flow.state, 'streaming');
  await stop();
});

test('flow does not break when its camera breaks in the middle of a recovery', async () => {
  const { clock, camera, flow, stop } = setUp();
  await clock.advance(1000);
  for (let i = 0; i < 20; i++) {
    camera.break(EIO);
    await clock.advance(700);
    camera.refuse.dequeue = 0;
    camera.freeze();
    await clock.advance(1500);
    camera.thaw();
  }
  camera.refuse.dequeue = 0;
  await clock.advance(700_000);
  assert.equal(flow.state, 'streaming');
  await stop();
});

test('flow warns of frozen pictures while they flow on, and tells when they are well again', async () => {
  const { clock, camera, flow, logger, told, seen, stop } = setUp();
  await clock.advance(1000);
  camera.spoil(Number.POSITIVE_INFINITY, { bytes: syntheticJpeg(64, 48, 9) });
  await clock.advance(11_000);
  assert.deepEqual([flow.state, flow.warnings], ['streaming', ['frozen']]);
  const { frames } = seen;
  camera.spoil(1, {});
  await clock.advance(1000);
  assert.ok(seen.frames > frames);
  assert.deepEqual(told, ['streaming', 'warnings frozen', 'warnings ']);
  assert.deepEqual(logger.events, ['camera_streaming', 'camera_pictures_odd', 'camera_pictures_well']);
  await stop();
});

test('flow warns of no pictures of a camera that is gone', async () => {
  const { clock, camera, flow, stop } = setUp();
  camera.spoil(Number.POSITIVE_INFINITY, { bytes: syntheticJpeg(64, 48, 9) });
  await clock.advance(11_000);
  assert.deepEqual(flow.warnings, ['frozen']);
  camera.break(ENODEV);
  await clock.advance(0);
  assert.deepEqual([flow.state, flow.warnings], ['lost', []]);
  camera.refuse.dequeue = 0;
  await clock.advance(3000);
  assert.deepEqual([flow.state, flow.warnings], ['streaming', []]);
  await stop();
});

test('flow recovers a frozen camera where the config says so', async () => {
  const { clock, camera, flow, told, report, stop } = setUp({ frozen_recover: true, frozen_after_s: 5 });
  await clock.advance(1000);
  camera.spoil(Number.POSITIVE_INFINITY, { bytes: syntheticJpeg(64, 48, 9) });
  await clock.advance(12_000);
  assert.deepEqual(report().recovery.faults, { pictures_frozen: 2 });
  assert.deepEqual(report().recovery.tried, { restart_stream: 2 });
  camera.spoil(1, {});
  await clock.advance(6000);
  assert.deepEqual([flow.state, flow.warnings], ['streaming', []]);
  assert.deepEqual(report().recovery.helped, {});
  await clock.advance(60_000);
  assert.deepEqual(report().recovery.helped, { restart_stream: 1 });
  assert.deepEqual(told.slice(0, 4), ['streaming', 'warnings frozen', 'trouble', 'recovering']);
  await stop();
});

test('flow does not say that anything helped a camera that stays frozen', async () => {
  const { clock, camera, flow, report, stop } = setUp({ frozen_recover: true, frozen_after_s: 5 });
  camera.spoil(Number.POSITIVE_INFINITY, { bytes: syntheticJpeg(64, 48, 9) });
  await clock.advance(600_000);
  assert.equal(flow.state, 'failed');
  const { tried, helped } = report().recovery;
  assert.ok(tried.reopen >= 3, JSON.stringify(tried));
  assert.deepEqual(helped, {});
  await stop();
});

test('flow recovers a camera whose pictures cannot be decoded any more', async () => {
  const { clock, camera, report, stop } = setUp();
  await clock.advance(1000);
  const [first, second] = [7, 8].map((number) => {
    const jpeg = syntheticJpeg(64, 48, number);
    for (let at = 650; at < jpeg.length - 2; at += 10) jpeg[at]! ^= 0x5a;
    return jpeg;
  });
  let turn = 0;
  camera.spoil(Number.POSITIVE_INFINITY, {
    get bytes() {
      return turn++ % 2 === 0 ? first! : second!;
    },
  });
  await clock.advance(40_000);
  const { faults, tried } = report().recovery;
  assert.ok(faults.pictures_corrupt >= 2, JSON.stringify(faults));
  assert.ok(tried.restart_stream >= 2);
  await stop();
});
