/**
 * The V4L2 binding and the `v4l2` source against the real kernel: uvcvideo with a simulated USB camera, and vivid.
 * Runs inside the test VM, as root, with vivid not loaded: `node --expose-gc --test-timeout=60000 v4l2-check.ts`.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { CamboxError } from '../../../src/base/errors.ts';
import { type Logger, SILENT } from '../../../src/base/logger.ts';
import type { FrameSource } from '../../../src/capture/frame-source.ts';
import { openV4l2Source, type V4l2SourceOptions } from '../../../src/capture/v4l2/v4l2-source.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { listControls, setControl } from '../../../src/v4l2/controls.ts';
import { V4l2Device } from '../../../src/v4l2/device.ts';
import { listDevices } from '../../../src/v4l2/discovery.ts';
import { setFormat } from '../../../src/v4l2/formats.ts';
import { MmapStream } from '../../../src/v4l2/streaming.ts';
import { frameSourceContract } from '../../support/frame-source-contract.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { SimulatedCamera, until } from '../../support/simulated-camera.ts';

const forever = (): AbortSignal => new AbortController().signal;
const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

function open(options: Partial<V4l2SourceOptions> = {}, arena = new FrameArena(16e6), logger: Logger = SILENT) {
  return openV4l2Source(
    { path: camera.path, width: 640, height: 480, fps: 30, ...options },
    { arena, clock: SYSTEM_CLOCK, logger },
  );
}

/** Read frames until one does not come any more, or `count` have; what the iteration threw. */
async function readUntil(source: FrameSource, count: number, onFrame: (number: number) => void = () => undefined) {
  let frames = 0;
  try {
    for await (const frame of source.frames(forever())) {
      frame.release();
      frames += 1;
      onFrame(frames);
      if (frames === count) break;
    }
    return { frames, error: undefined };
  } catch (error) {
    assert.ok(error instanceof CamboxError, String(error));
    return { frames, error };
  }
}

let camera: SimulatedCamera;
before(async () => {
  camera = await SimulatedCamera.plug();
});
after(() => camera.unplug());

for (const [width, height] of [
  [640, 480],
  [1280, 720],
] as const) {
  frameSourceContract(
    `v4l2 at ${width}x${height}`,
    (arena) =>
      openV4l2Source({ path: camera.path, width, height, fps: 30 }, { arena, clock: SYSTEM_CLOCK, logger: SILENT }),
    { frames: 110 },
  );
}

describe('The v4l2 source with a healthy camera', () => {
  test('stamps frames with the kernel time of their capture', async (t) => {
    const arena = new FrameArena(16e6);
    await using source = await open({}, arena);
    const times: number[] = [];
    for await (const frame of source.frames(forever())) {
      const ageUs = SYSTEM_CLOCK.now() - frame.capturedAt;
      assert.ok(ageUs > 0 && ageUs < 1e6, `a frame ${ageUs} us old`);
      times.push(frame.capturedAt);
      frame.release();
      if (times.length === 60) break;
    }
    const steps = times
      .slice(1)
      .map((time, i) => time - times[i]!)
      .sort((a, b) => a - b);
    const median = steps[steps.length >> 1]!;
    t.diagnostic(`median step ${median} us, counts ${JSON.stringify(source.counts)}`);
    assert.ok(Math.abs(median - 33_333) < 5000, `median step ${median} us`);
  });

  test('takes the size and rate that the camera gives, and says so', async () => {
    const warnings = new LogCollector();
    await using source = await open({ width: 1000, height: 700, fps: 14 }, new FrameArena(16e6), warnings);
    const { width, height, fps } = source.about;
    assert.deepEqual({ width, height, fps }, { width: 1280, height: 720, fps: 15 });
    assert.equal(warnings.of('camera_gives_other_format').length, 1);
    assert.equal((await readUntil(source, 3)).frames, 3);
  });

  test('sets controls, and warns of a value that the camera changed and of a control that it lacks', async () => {
    const warnings = new LogCollector();
    await using _ = await open({ controls: { brightness: 9999, zoom: 1 } }, new FrameArena(16e6), warnings);
    assert.deepEqual(warnings.of('control_adjusted')[0]?.fields, { control: 'brightness', wanted: 9999, given: 255 });
    assert.match(
      String(warnings.of('control_not_set')[0]?.fields['error']),
      /"zoom"\. It has: brightness \(0 to 255\)/,
    );
  });

  test('leaves the device to others once disposed of', async () => {
    const source = await open();
    await readUntil(source, 5);
    await source[Symbol.asyncDispose]();
    execFileSync('v4l2-ctl', ['-d', camera.path, '--stream-mmap', '--stream-count=3', '--stream-to=/dev/null'], {
      stdio: 'ignore',
      timeout: 20_000,
    });
  });

  test('keeps going under garbage collection', async () => {
    const { gc } = globalThis;
    assert.ok(gc, 'run with --expose-gc');
    const collecting = setInterval(() => gc(), 50);
    try {
      await using source = await open();
      assert.equal((await readUntil(source, 60)).frames, 60);
    } finally {
      clearInterval(collecting);
    }
  });

  test('gives the freshest frame after the event loop was blocked, and counts the others', async () => {
    await using source = await open();
    await readUntil(source, 30, (number) => {
      if (number === 10) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    });
    assert.ok(source.counts.dropped.of('stale') >= 3, JSON.stringify(source.counts));
    assert.ok(source.counts.gaps > 0, JSON.stringify(source.counts));
  });

  test('drops frames, and lives, while the arena is full', async () => {
    const arena = new FrameArena(4e6);
    await using source = await open({}, arena);
    let count = 0;
    for await (const frame of source.frames(forever())) {
      count += 1;
      if (count === 2) {
        const rest = arena.take(arena.capBytes - arena.usedBytes);
        assert.ok(rest);
        await until('a frame without room', () => source.counts.dropped.of('arena_full') > 2);
        rest.free();
      }
      frame.release();
      if (count === 10) break;
    }
    assert.equal(arena.usedBytes, 0);
  });
});

describe('The v4l2 source refuses', () => {
  test('a path that is not there, naming the devices that are', async () => {
    await assert.rejects(open({ path: '/dev/video77' }), { code: 'not_found', message: /UVC Camera/ });
  });

  test('a device that is no camera', async () => {
    await assert.rejects(open({ path: '/dev/null' }), { code: 'unsupported', message: /major 1, not a video device/ });
  });

  test('a video device that captures no video, naming the others', async () => {
    await assert.rejects(open({ path: camera.metadataPath }), {
      code: 'unsupported',
      message: /does not capture video: received \["metadata_capture"\].*\/dev\/video0 \(.*UVC Camera/,
    });
  });

  test('a camera in use, naming the program that has it', async () => {
    const other = spawn('v4l2-ctl', ['-d', camera.path, '--stream-mmap', '--stream-to=/dev/null'], { stdio: 'ignore' });
    const ended = once(other, 'exit');
    try {
      await until('v4l2-ctl to stream', () => holdsVideoMemory(other));
      const descriptors = openDescriptors();
      await assert.rejects(open(), { code: 'device_busy', message: new RegExp(`v4l2-ctl \\(pid ${other.pid}\\)`) });
      assert.equal(openDescriptors(), descriptors);
    } finally {
      other.kill();
      await ended;
    }
  });
});

/** It has mapped the camera's buffers, so the queue is taken. */
function holdsVideoMemory(child: ChildProcess): boolean {
  try {
    return readFileSync(`/proc/${child.pid}/maps`, 'utf8').includes('/dev/video');
  } catch {
    return false; // not there yet, or not any more
  }
}

describe('The v4l2 source with a faulty camera', () => {
  test('drops truncated frames as such and goes on', async () => {
    await using source = await open();
    await readUntil(source, 40, (number) => {
      if (number === 5) camera.tell('truncate 3');
    });
    const dropped = source.counts.dropped.of('no_eoi'); // an emulated processor may be too slow for one of the three
    assert.ok(dropped >= 1 && dropped <= 3, JSON.stringify(source.counts));
    assert.equal(source.counts.captured, 40);
  });

  test('counts a gap for frames that the driver threw away', async () => {
    await using source = await open();
    await readUntil(source, 40, (number) => {
      if (number === 5) camera.tell('err 3');
    });
    assert.ok(source.counts.gaps >= 3, JSON.stringify(source.counts));
  });

  test('throws device_failed when the camera freezes, and works again when it thaws', async () => {
    {
      await using source = await open();
      let frozenAt = 0;
      const { error } = await readUntil(source, 1000, (number) => {
        if (number !== 5) return;
        camera.tell('freeze');
        frozenAt = performance.now();
      });
      const tookMs = performance.now() - frozenAt;
      assert.equal(error?.code, 'device_failed');
      assert.match(error.message, /no frame for 3\.\d s/);
      assert.ok(tookMs > 2900 && tookMs < 5000, `${tookMs} ms`);
    }
    camera.tell('thaw');
    await using again = await open();
    assert.equal((await readUntil(again, 5)).frames, 5);
  });

  test('throws device_lost within a second (here times five) of an unplug, again and again, and leaks no descriptor', async (t) => {
    const descriptors = openDescriptors();
    for (let cycle = 0; cycle < 3; cycle++) {
      const arena = new FrameArena(16e6);
      const source = await open({}, arena);
      let pulledAt = 0;
      let gone: Promise<void> | undefined;
      const { error } = await readUntil(source, 1000, (number) => {
        if (number !== 10) return;
        pulledAt = performance.now();
        gone = camera.unplug();
      });
      const tookMs = performance.now() - pulledAt;
      t.diagnostic(`device_lost after ${tookMs.toFixed(0)} ms, counts ${JSON.stringify(source.counts)}`);
      assert.equal(error?.code, 'device_lost', error?.message);
      assert.ok(tookMs < 5000, `${tookMs} ms`);
      await source[Symbol.asyncDispose]();
      assert.equal(arena.usedBytes, 0);
      await gone;
      await assert.rejects(open(), { code: 'not_found' });
      camera = await SimulatedCamera.plug();
    }
    const settled = await open();
    assert.equal((await readUntil(settled, 5)).frames, 5);
    await settled[Symbol.asyncDispose]();
    assert.equal(openDescriptors(), descriptors);
  });

  test('throws device_failed when the endpoint stalls, and works again after a replug', async (t) => {
    {
      await using source = await open();
      const { error } = await readUntil(source, 1000, (number) => {
        if (number === 5) camera.tell('stall');
      });
      t.diagnostic(`counts ${JSON.stringify(source.counts)}`);
      assert.equal(error?.code, 'device_failed', error?.message);
    }
    await camera.unplug();
    camera = await SimulatedCamera.plug();
    await using again = await open();
    assert.equal((await readUntil(again, 5)).frames, 5);
  });
});

describe('The V4L2 binding', () => {
  test('lists the camera with its links, formats, sizes and rates', async () => {
    const found = (await listDevices()).find((device) => device.byId.includes(camera.path));
    assert.equal(found?.capabilities?.driver, 'uvcvideo');
    assert.equal(found.byPath.length, 1);
    const rates = [30, 15, 5].map((fps) => ({ kind: 'discrete', fps }));
    assert.deepEqual(found.formats, [
      {
        fourcc: 'MJPG',
        description: 'Motion-JPEG',
        compressed: true,
        sizes: [
          { size: { kind: 'discrete', width: 640, height: 480 }, rates },
          { size: { kind: 'discrete', width: 1280, height: 720 }, rates },
        ],
      },
    ]);
  });

  test('refuses a second watch of one device, and the process lives', async () => {
    await using device = await V4l2Device.open(camera.path);
    await setFormat(device, { fourcc: 'MJPG', width: 640, height: 480 });
    await using stream = await MmapStream.open(device, 4);
    await stream.start();
    const handler = { readable: () => undefined, broke: () => undefined };
    using _first = stream.watch(handler);
    assert.throws(() => stream.watch(handler), /watched already/);
  });

  test('empties its views before the memory goes away', async () => {
    await using device = await V4l2Device.open(camera.path);
    await setFormat(device, { fourcc: 'MJPG', width: 640, height: 480 });
    const stream = await MmapStream.open(device, 4);
    await stream.start();
    const bytes = await new Promise<Uint8Array>((resolve, reject) => {
      const watch = stream.watch({
        readable() {
          const outcome = stream.dequeue();
          if (outcome === 'empty' || 'errno' in outcome) return;
          watch[Symbol.dispose]();
          resolve(outcome.bytes);
        },
        broke: reject,
      });
    });
    assert.ok(bytes.length > 0);
    await stream[Symbol.asyncDispose]();
    assert.equal(bytes.length, 0);
  });

  test('tells that the watch of a stream that is off is broken', async () => {
    await using device = await V4l2Device.open(camera.path);
    await setFormat(device, { fourcc: 'MJPG', width: 640, height: 480 });
    await using stream = await MmapStream.open(device, 4);
    const broke = await new Promise<unknown>((resolve, reject) => {
      stream.watch({ readable: () => reject(new Error('readable')), broke: resolve });
    });
    assert.equal(broke, undefined);
  });
});

describe('The V4L2 binding with vivid', () => {
  let vivid: string;
  before(() => {
    execFileSync('modprobe', ['vivid', 'n_devs=1', 'node_types=0x1', 'multiplanar=1']);
    vivid = `/dev/${readdirSync('/sys/bus/platform/drivers/vivid/vivid.0/video4linux')[0]}`;
  });

  /** Stream, press a button of vivid's once frames come, and give the error that the stream ends with. */
  async function errorAfter(button: string): Promise<CamboxError> {
    await using device = await V4l2Device.open(vivid);
    const control = (await listControls(device)).find(({ name }) => name === button);
    assert.ok(control, `no control ${button}`);
    await setFormat(device, { fourcc: 'YUYV', width: 320, height: 180 });
    await using stream = await MmapStream.open(device, 4);
    await stream.start();
    let frames = 0;
    return await new Promise((resolve, reject) => {
      const drain = (): void => {
        for (;;) {
          const outcome = stream.dequeue();
          if (outcome === 'empty') return;
          if ('errno' in outcome) {
            resolve(stream.explain(outcome));
            return;
          }
          stream.requeue(outcome.index);
          if (++frames === 5) setControl(device, control, 1).catch(reject);
        }
      };
      stream.watch({ readable: drain, broke: drain });
    });
  }

  test('lists ranges of sizes and rates', async () => {
    const found = (await listDevices()).find((device) => device.path === vivid);
    assert.ok((found?.formats.length ?? 0) > 50);
    assert.ok(found?.formats.every((format) => format.sizes.length > 0));
  });

  test('lists controls with their menus, and refuses to set one that is read-only', async () => {
    await using device = await V4l2Device.open(vivid);
    const controls = await listControls(device);
    const pattern = controls.find(({ name }) => name === 'test_pattern');
    assert.equal(pattern?.menu[0]?.label, '75% Colorbar');
    assert.equal(await setControl(device, pattern, 3), 3);
    const readOnly = controls.find((control) => control.readOnly);
    assert.ok(readOnly);
    await assert.rejects(setControl(device, readOnly, 1), { code: 'unsupported', message: /EACCES/ });
  });

  test('is refused by the source, with what it offers', async () => {
    await assert.rejects(open({ path: vivid }), { code: 'unsupported', message: /no MJPG.*It offers: .* more$/ });
  });

  test('tells a failure from a loss', async () => {
    assert.equal((await errorAfter('inject_fatal_streaming_error')).code, 'device_failed');
    assert.equal((await errorAfter('disconnect')).code, 'device_lost');
  });
});
