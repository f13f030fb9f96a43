import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CameraKeeper } from '../../../../src/app/recovery/camera-keeper.ts';
import type { CamboxError, ErrorCode } from '../../../../src/base/errors.ts';
import { CurableCamera, type Cure } from '../../../support/curable-camera.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { FakeHotplug } from '../../../support/fake-hotplug.ts';

const FRAME_WAIT_MS = 3000;
const HOUR_MS = 3_600_000;

function setUp(prepare: (camera: CurableCamera) => void = () => undefined) {
  const clock = new FakeClock();
  const camera = new CurableCamera(clock);
  const hotplug = new FakeHotplug();
  const events: string[] = [];
  const errors: CamboxError[] = [];
  const stopping = new AbortController();
  const keeper = new CameraKeeper(
    { thing: 'camera front', frameWaitMs: FRAME_WAIT_MS, settledMs: 60_000 },
    camera,
    {
      onUnavailable: (why, error) => {
        events.push(`${why} ${error.code}`);
        errors.push(error);
      },
      onFaulty: (error, step) => {
        events.push(`${error.code}: ${step.do}`);
        errors.push(error);
      },
      onSkipped: (stage, reason) => events.push(`no ${stage}: ${reason}`),
      onNotClosed: (error) => events.push(`not closed: ${error.code}`),
    },
    { clock, hotplug, random: () => 1 },
  );
  camera.onFrame = () => {
    events.push('streams');
    keeper.streams();
  };
  prepare(camera);
  let isOver = false;
  const running = keeper.run(stopping.signal).then(() => {
    isOver = true;
  });
  const over = (): boolean => isOver;
  /** Ends the keeper within a second; nothing may be left of it. */
  const stop = async (): Promise<void> => {
    stopping.abort();
    await clock.advance(1000);
    assert.ok(over(), 'it has not ended');
    await running;
    assert.deepEqual([camera.open, clock.pendingTimers, hotplug.listeners.size], [0, 0, 0]);
  };
  return { clock, camera, hotplug, keeper, events, errors, stopping, over, stop };
}

const FAULTS: ErrorCode[] = ['device_silent', 'device_stalled', 'device_failed', 'pictures_broken', 'pictures_corrupt'];
const CURES: [Cure, readonly Cure[]][] = [
  ['restart', ['restart']],
  ['open', ['restart', 'restart', 'close', 'open']],
  [
    'reset_usb',
    ['restart', 'restart', 'close', 'open', 'close', 'open', 'close', 'open', 'close', 'reset_usb', 'open'],
  ],
];

for (const fault of FAULTS) {
  for (const [curedBy, cures] of CURES) {
    test(`keeper cures ${fault} by ${curedBy}, and does nothing harsher`, async () => {
      const { clock, camera, events, stop } = setUp();
      await clock.advance(100_000);
      camera.done.length = 0;
      camera.curedBy = curedBy;
      camera.fail(fault);
      await clock.advance(120_000);
      assert.deepEqual(camera.done, cures);
      assert.equal(events.at(-1), 'streams');
      await stop();
    });
  }
}

test('keeper has the service restarted when nothing else helps, and leaves the camera in peace when that does not either', async () => {
  const { clock, camera, events, stop } = setUp();
  await clock.advance(100_000);
  camera.fail('device_silent');
  await clock.advance(HOUR_MS);
  const first = events.slice(0, 1 + events.findIndex((event) => event.endsWith('rest')));
  assert.deepEqual(first, [
    'streams',
    'device_silent: restart_stream',
    'device_silent: restart_stream',
    'device_silent: reopen',
    'device_silent: reopen',
    'device_silent: reopen',
    'device_silent: usb_reset',
    'device_silent: usb_reset',
    'device_silent: watchdog',
    'timed_out: rest',
  ]);
  await stop();
});

test('keeper goes on with a camera that comes back in a rest by itself', async () => {
  const { clock, camera, events, stop } = setUp();
  await clock.advance(100_000);
  camera.fail('device_silent');
  camera.serviceRefusal = 'the test says no';
  await clock.advance(HOUR_MS);
  assert.ok(events.includes('no watchdog: the test says no'));
  camera.fault = undefined;
  await clock.advance(600_000);
  assert.equal(events.at(-1), 'streams');
  await stop();
});

test('keeper leaves out the USB reset where it cannot be done, and says why', async () => {
  const { clock, camera, events, stop } = setUp((camera) => {
    camera.usbRefusal = 'the unit is not there';
  });
  await clock.advance(100_000);
  camera.fail('device_failed');
  await clock.advance(100_000);
  assert.equal(events.filter((event) => event === 'no usb_reset: the unit is not there').length, 1);
  assert.ok(events.includes('device_failed: watchdog'));
  await stop();
});

for (const code of ['device_busy', 'unsupported', 'not_permitted', 'bad_input', 'internal'] as const) {
  test(`keeper opens a camera again and again, and does nothing else to it, when opening throws ${code}`, async () => {
    const { clock, camera, events, stop } = setUp((camera) => {
      camera.openFault = code;
    });
    await clock.advance(600_000);
    assert.deepEqual([...new Set(camera.done)], ['open']);
    assert.deepEqual([...new Set(events)], [`blocked ${code}`]);
    assert.ok(camera.done.length >= 300);
    await stop();
  });
}

for (const where of ['openFault', 'fault'] as const) {
  test(`keeper opens a camera rarely that the bus has no bandwidth for, and takes no stage (${where})`, async () => {
    const { clock, camera, hotplug, events, stop } = setUp((camera) => {
      camera[where] = 'no_bandwidth';
    });
    await clock.advance(600_000);
    assert.deepEqual([...new Set(events)], ['blocked no_bandwidth']);
    assert.ok(!camera.done.some((done) => done === 'restart' || done === 'reset_usb'));
    const tries = camera.done.filter((done) => done === 'open').length;
    assert.ok(tries > 8 && tries < 15, `${tries} tries`);
    camera[where] = undefined; // somebody has pulled the camera that took it
    hotplug.change();
    await clock.advance(100);
    assert.equal(events.at(-1), 'streams');
    await stop();
  });
}

test('keeper does nothing to a camera that is unplugged, and picks it up within two seconds', async () => {
  const { clock, camera, events, stop } = setUp();
  await clock.advance(100_000);
  camera.unplug();
  await clock.advance(HOUR_MS);
  assert.deepEqual([...new Set(camera.done)], ['open', 'close']);
  assert.deepEqual([...new Set(events)], ['streams', 'absent device_lost', 'absent not_found']);
  camera.there = true;
  await clock.advance(2000);
  assert.equal(events.at(-1), 'streams');
  await stop();
});

test('keeper opens a camera as soon as a device comes, and its next waits are short again', async () => {
  const { clock, camera, hotplug, events, stop } = setUp();
  camera.there = false;
  await clock.advance(20_000);
  const before = events.length;
  camera.there = true;
  hotplug.change();
  await clock.advance(0);
  assert.deepEqual(events.slice(before), ['streams']);
  await stop();
});

test('keeper does not miss a device that comes while it is being opened in vain', async () => {
  const { clock, camera, hotplug, events, stop } = setUp((camera) => {
    camera.there = false;
  });
  await clock.advance(1700);
  const { openSource } = camera;
  const openAndMiss = (): ReturnType<typeof openSource> => {
    const opening = openSource();
    camera.there = true;
    hotplug.change();
    Object.assign(camera, { openSource });
    return opening;
  };
  Object.assign(camera, { openSource: openAndMiss });
  await clock.advance(2000);
  assert.equal(events.at(-1), 'streams');
  await stop();
});

test('keeper closes an unplugged camera at once', async () => {
  const { clock, camera, stop } = setUp();
  await clock.advance(1000);
  camera.unplug();
  await clock.advance(0);
  assert.equal(camera.open, 0);
  await stop();
});

test('keeper starts at the bottom with a camera that was plugged in anew', async () => {
  const { clock, camera, events, stop } = setUp();
  await clock.advance(100_000);
  camera.fail('device_silent');
  await clock.advance(10_000);
  assert.equal(events.at(-1), 'device_silent: reopen');
  camera.there = false;
  await clock.advance(20_000);
  camera.there = true;
  await clock.advance(10_000);
  const again = events.lastIndexOf('absent not_found');
  assert.equal(events[again + 1], 'device_silent: restart_stream');
  await stop();
});

test('keeper notices in a rest that the camera was unplugged, and picks it up when it is back', async () => {
  const { clock, camera, events, stop } = setUp();
  camera.serviceRefusal = 'no';
  await clock.advance(100_000);
  camera.fail('device_silent');
  await clock.advance(HOUR_MS);
  camera.there = false;
  await clock.advance(60_000);
  assert.equal(events.at(-1), 'absent not_found');
  camera.fault = undefined;
  camera.there = true;
  await clock.advance(2000);
  assert.equal(events.at(-1), 'streams');
  await stop();
});

test('keeper calls a camera lost that does not come back from the USB reset', async () => {
  const { clock, camera, events, stop } = setUp((camera) => {
    const { resetUsb } = camera;
    const resetForGood = (): Promise<string | undefined> => {
      camera.there = false;
      return resetUsb();
    };
    Object.assign(camera, { resetUsb: resetForGood });
  });
  await clock.advance(100_000);
  camera.fail('device_silent');
  await clock.advance(60_000);
  assert.equal(events.at(-1), 'absent not_found');
  assert.ok(!events.some((event) => event.endsWith('watchdog')));
  await stop();
});

test('keeper climbs when a camera that can be opened says each time that it is gone', async () => {
  const { clock, camera, events, stop } = setUp();
  await clock.advance(100_000);
  camera.fault = 'device_lost';
  camera.unplug();
  camera.there = true;
  await clock.advance(30_000);
  assert.deepEqual(events.slice(0, 4), [
    'streams',
    'absent device_lost',
    'device_lost: restart_stream',
    'device_lost: restart_stream',
  ]);
  await stop();
});

for (const [hanging, expected] of [
  ['restart', ['restart', 'close', 'reset_usb', 'open']],
  ['open', ['restart', 'restart', 'close', 'open', 'reset_usb', 'close', 'open']],
  ['close', ['restart', 'restart', 'close', 'reset_usb', 'open']],
] as const) {
  test(`keeper goes straight to the USB reset when ${hanging} hangs, and opens no second device meanwhile`, async () => {
    const { clock, camera, events, errors, stop } = setUp();
    await clock.advance(100_000);
    camera.done.length = 0;
    camera.hanging = hanging;
    camera.curedBy = 'reset_usb';
    camera.fail('device_silent');
    await clock.advance(120_000);
    assert.deepEqual(camera.done, expected);
    assert.equal(events.at(-1), 'streams');
    assert.equal(errors.at(-1)?.code, 'timed_out');
    assert.equal(camera.open, 1);
    await stop();
  });
}

test('keeper gives up an opening that hangs, with the camera that has never streamed', async () => {
  const { clock, camera, events, stop } = setUp((camera) => {
    camera.hanging = 'open';
  });
  await clock.advance(18_000);
  assert.deepEqual(events, ['timed_out: usb_reset']);
  await clock.advance(10_000);
  assert.equal(events.at(-1), 'streams');
  assert.equal(camera.open, 1);
  await stop();
});

test('keeper ends within a second also when the driver hangs for good', async () => {
  const { clock, camera, stopping, over } = setUp((camera) => {
    camera.usbRefusal = 'no';
    camera.hanging = 'close';
  });
  await clock.advance(1000);
  stopping.abort();
  await clock.advance(1000);
  assert.ok(over());
  assert.deepEqual(camera.done, ['open', 'close']);
});

test('keeper takes no step any more when it was stopped in the pause before it', async () => {
  const { clock, camera, stop } = setUp();
  await clock.advance(100_000);
  camera.fail('device_silent');
  await clock.advance(3500);
  const { length } = camera.done;
  await stop();
  assert.deepEqual(camera.done.slice(length), ['close']);
});

test('keeper ends when the source has no more frames', async () => {
  const { clock, camera, over } = setUp((camera) => {
    Object.assign(camera, { runFrames: async () => camera.onFrame() });
  });
  await clock.advance(0);
  assert.ok(over());
  assert.deepEqual([camera.done, camera.open], [['open', 'close'], 0]);
});

test('keeper climbs on when a camera breaks again within a minute, and starts anew after that', async () => {
  const { clock, camera, events, stop } = setUp();
  camera.curedBy = 'restart';
  await clock.advance(100_000);
  for (let i = 0; i < 3; i++) {
    camera.curedBy = i < 2 ? 'restart' : 'open';
    camera.fail('device_failed');
    await clock.advance(50_000);
  }
  const steps = (): string[] => events.filter((event) => event !== 'streams').map((event) => event.split(': ')[1]!);
  assert.deepEqual(steps(), ['restart_stream', 'restart_stream', 'reopen']);
  await clock.advance(20_000);
  camera.curedBy = 'restart';
  camera.fail('device_failed');
  await clock.advance(10_000);
  assert.equal(steps().at(-1), 'restart_stream');
  await stop();
});
