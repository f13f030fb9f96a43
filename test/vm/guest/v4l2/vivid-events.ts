import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setControl, setControls } from '../../../../src/v4l2/control-values.ts';
import { V4l2Device } from '../../../../src/v4l2/device.ts';
import { queryDvTimings, setDvTimings } from '../../../../src/v4l2/dv-timings.ts';
import type { ControlEvent, V4l2Event } from '../../../../src/v4l2/event.ts';
import { EventQueue } from '../../../../src/v4l2/event-queue.ts';
import { getFormat, setFormat } from '../../../../src/v4l2/formats.ts';
import { listInputs, setInput } from '../../../../src/v4l2/inputs.ts';
import { MmapStream } from '../../../../src/v4l2/streaming.ts';
import { capture } from './captured-pictures.ts';
import { controlNamed, press, VividDevices } from './vivid-devices.ts';
import { HD_720P30, HDMI, NO_SIGNAL, OUT_OF_RANGE, SELECTED, setSignal, WEBCAM } from './vivid-signal.ts';

const LIMIT_MS = 20_000;

const limit = (): AbortSignal => AbortSignal.timeout(LIMIT_MS);

/** The next `count` events, or fewer when the limit ends the wait. */
async function nextEvents(queue: EventQueue, count: number): Promise<V4l2Event[]> {
  const events: V4l2Event[] = [];
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), LIMIT_MS);
  try {
    for await (const event of queue.events(controller.signal)) {
      events.push(event);
      if (events.length === count) break;
    }
    return events;
  } finally {
    clearTimeout(timer);
  }
}

/** Events, delivered without a thread, beside a stream or without one. */
export function checkEvents(): void {
  const vivid = new VividDevices();
  before(() => vivid.load());
  after(() => vivid.unload());

  describe('Events', () => {
    test('tell of a control that another program sets, at once and as it was at first', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await using other = await V4l2Device.open(vivid.singlePlanar);
      const brightness = await controlNamed(device, 'brightness', 'integer');
      await setControl(device, brightness, 50);
      await using queue = await EventQueue.open(device, [{ type: 'control', control: brightness, initial: true }]);
      const events = nextEvents(queue, 2);
      await setControl(other, brightness, 51);
      const shown = (await events).map((event) => event as ControlEvent).map(({ id, value }) => [id, value]);
      assert.deepEqual(shown, [
        [brightness.id, 50],
        [brightness.id, 51],
      ]);
    });

    test('tell of our own changes only when asked to', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const brightness = await controlNamed(device, 'brightness', 'integer');
      const contrast = await controlNamed(device, 'contrast', 'integer');
      await setControls(device, [
        { control: brightness, value: 60 },
        { control: contrast, value: 60 },
      ]);
      await using queue = await EventQueue.open(device, [
        { type: 'control', control: brightness },
        { type: 'control', control: contrast, own: true },
      ]);
      await setControl(device, brightness, 61);
      await setControl(device, contrast, 62);
      const [event] = await nextEvents(queue, 1);
      assert.ok(event?.type === 'control');
      assert.deepEqual([event.id, event.value, event.changed], [contrast.id, 62, ['value']]);
      assert.equal(queue.next(), undefined);
    });

    test('tell of a control that becomes active, and of values of all widths', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const automatic = await controlNamed(device, 'gain_automatic', 'boolean');
      const gain = await controlNamed(device, 'gain', 'integer');
      const wide = await controlNamed(device, 'integer_64_bits', 'integer64');
      const bits = await controlNamed(device, 'bitmask', 'bitmask');
      await setControl(device, bits, 0);
      await using queue = await EventQueue.open(
        device,
        [gain, wide, bits].map((control) => ({ type: 'control' as const, control, own: true })),
      );
      await setControl(device, automatic, 0);
      await setControl(device, wide, 2n ** 40n);
      await setControl(device, bits, 0x80000000);
      const events = (await nextEvents(queue, 3)) as ControlEvent[];
      assert.ok(events[0]?.changed.includes('flags'), JSON.stringify(events[0]?.changed));
      assert.deepEqual([events[1]?.value, events[2]?.value], [2n ** 40n, 0x80000000]);
      await setControl(device, automatic, 1);
    });

    test('come while pictures do, and count those that were lost', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await using other = await V4l2Device.open(vivid.singlePlanar);
      const brightness = await controlNamed(device, 'brightness', 'integer');
      await setControl(device, brightness, 0);
      await using queue = await EventQueue.open(device, [{ type: 'control', control: brightness }]);
      await setFormat(device, { fourcc: 'YUYV', width: 320, height: 180 });
      await using stream = await MmapStream.open(device);
      await stream.start();
      const [first] = await Promise.all([
        nextEvents(queue, 1),
        capture(stream, 10, (number) => {
          if (number === 3) void setControl(other, brightness, 200);
        }),
      ]);
      assert.equal((first[0] as ControlEvent).value, 200);
      for (let value = 1; value <= 10; value++) await setControl(other, brightness, value);
      const [last] = await nextEvents(queue, 1);
      assert.deepEqual([(last as ControlEvent).value, last!.lost], [10, 9]);
    });

    test('cannot be subscribed to when the driver lacks them', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await assert.rejects(EventQueue.open(device, [{ type: 'eos' }]), {
        code: 'unsupported',
        message: /subscribe to the eos events/,
      });
    });

    test('end when the signal is aborted, and when the queue is disposed of', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const requests = [{ type: 'source_change', input: HDMI }] as const;
      {
        await using queue = await EventQueue.open(device, requests);
        const controller = new AbortController();
        const ended = queue.events(controller.signal).next();
        controller.abort();
        assert.equal((await ended).done, true);
      }
      const queue = await EventQueue.open(device, requests);
      const ended = queue.events(limit()).next();
      await queue[Symbol.asyncDispose]();
      assert.equal((await ended).done, true);
    });
  });

  describe('The signal on a digital input', () => {
    before(async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await setInput(device, HDMI);
    });
    after(async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await setInput(device, WEBCAM);
    });

    test('is told when it changes, measured, and set, from which the format follows', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await using queue = await EventQueue.open(device, [{ type: 'source_change', input: HDMI }]);
      await setSignal(device, NO_SIGNAL, 0);
      const [event] = await nextEvents(queue, 1);
      assert.ok(event?.type === 'source_change');
      assert.deepEqual([event.input, event.resolution], [HDMI, true]);
      assert.equal(await queryDvTimings(device), 'no_signal');
      assert.deepEqual((await listInputs(device))[HDMI]?.troubles, ['no_signal']);

      await setSignal(device, OUT_OF_RANGE, 0);
      assert.equal(await queryDvTimings(device), 'out_of_range');

      await setSignal(device, SELECTED, HD_720P30);
      await nextEvents(queue, 1);
      const timings = await queryDvTimings(device);
      assert.ok(typeof timings !== 'string');
      const { width, height, interlaced, fps } = timings;
      assert.deepEqual({ width, height, interlaced, fps }, { width: 1280, height: 720, interlaced: false, fps: 30 });
      await setDvTimings(device, timings);
      const format = await getFormat(device);
      assert.deepEqual([format.width, format.height], [1280, 720]);
    });
  });

  describe('Events of a device that is unplugged', () => {
    test('end with device_lost at once, though nothing streams, and nothing spins', async () => {
      await using device = await V4l2Device.open(vivid.multiPlanar);
      await using queue = await EventQueue.open(device, [{ type: 'source_change', input: HDMI }]);
      const ended = assert.rejects(nextEvents(queue, 1), { code: 'device_lost' });
      await press(device, 'disconnect');
      await ended;
      // What spins takes all of a CPU, for ever; what V8 does beside (it is emulated here) comes to an end.
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 4000));
      const { user, system } = process.cpuUsage(before);
      assert.ok(user + system < 3_000_000, `${user + system} us of CPU in 4 s`);
    });
  });
}
