import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { V4l2Device } from '../../../../src/v4l2/device.ts';
import { listDevices } from '../../../../src/v4l2/discovery.ts';
import { setFormat } from '../../../../src/v4l2/formats.ts';
import { MmapStream } from '../../../../src/v4l2/streaming.ts';
import type { PluggedCamera } from './usb-camera.ts';

/** The binding with a USB camera. */
export function checkBindingWithUsb(usb: PluggedCamera): void {
  describe('The V4L2 binding', () => {
    test('lists the camera with its links, formats, sizes and rates', async () => {
      const found = (await listDevices()).find((device) => device.byId.includes(usb.path));
      assert.equal(found?.capabilities?.driver, 'uvcvideo');
      assert.equal(found.byPath.length, 1);
      const rates = [30, 15, 5].map((fps) => ({ kind: 'discrete', fps }));
      assert.deepEqual(found.formats, [
        {
          fourcc: 'MJPG',
          description: 'Motion-JPEG',
          compressed: true,
          emulated: false,
          sizes: [
            { size: { kind: 'discrete', width: 640, height: 480 }, rates },
            { size: { kind: 'discrete', width: 1280, height: 720 }, rates },
            { size: { kind: 'discrete', width: 1920, height: 1080 }, rates },
          ],
        },
      ]);
    });

    test('refuses a second watch of one device, and the process lives', async () => {
      await using device = await V4l2Device.open(usb.path);
      await setFormat(device, { fourcc: 'MJPG', width: 640, height: 480 });
      await using stream = await MmapStream.open(device, 4);
      await stream.start();
      const handler = { readable: () => undefined, broke: () => undefined };
      using _first = stream.watch(handler);
      assert.throws(() => stream.watch(handler), /watched already/);
    });

    test('empties its views before the memory goes away', async () => {
      await using device = await V4l2Device.open(usb.path);
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
      await using device = await V4l2Device.open(usb.path);
      await setFormat(device, { fourcc: 'MJPG', width: 640, height: 480 });
      await using stream = await MmapStream.open(device, 4);
      const broke = await new Promise<unknown>((resolve, reject) => {
        stream.watch({ readable: () => reject(new Error('readable')), broke: resolve });
      });
      assert.equal(broke, undefined);
    });
  });
}
