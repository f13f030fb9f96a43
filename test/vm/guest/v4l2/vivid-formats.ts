import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setControl } from '../../../../src/v4l2/control-values.ts';
import { V4l2Device } from '../../../../src/v4l2/device.ts';
import { getFormat, listFormats, listFrameSizes, setFormat, tryFormat } from '../../../../src/v4l2/formats.ts';
import { getFrameRate, listFrameRates, setFrameRate } from '../../../../src/v4l2/frame-rate.ts';
import { getInput, listInputs, setInput } from '../../../../src/v4l2/inputs.ts';
import { getPriority, setPriority } from '../../../../src/v4l2/priority.ts';
import { getSelection } from '../../../../src/v4l2/selection.ts';
import { MmapStream } from '../../../../src/v4l2/streaming.ts';
import { controlNamed, VividDevices } from './vivid-devices.ts';

const WEBCAM = 0;
const TELEVISION = 1;

/** Formats, sizes, rates, inputs, and who may set them. */
export function checkFormats(): void {
  const vivid = new VividDevices();
  before(() => vivid.load());
  after(() => vivid.unload());

  describe('Formats', () => {
    test('are listed by both APIs, those of several planes by the multi-planar one', async () => {
      await using single = await V4l2Device.open(vivid.singlePlanar);
      await using multi = await V4l2Device.open(vivid.multiPlanar);
      const [fewer, more] = [await listFormats(single), await listFormats(multi)];
      assert.ok(fewer.length > 50 && more.length > fewer.length, `${fewer.length}, ${more.length}`);
      const names = more.map(({ fourcc }) => fourcc);
      assert.ok(names.includes('NM12') && names.includes('YM12') && names.includes('Y16 -BE'));
      assert.deepEqual(multi.capabilities.roles, ['video_capture_mplane']);
    });

    test('of a webcam come in discrete sizes and rates, of television in a range of sizes', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const sizes = await listFrameSizes(device, 'YUYV');
      assert.deepEqual(sizes[0], { kind: 'discrete', width: 320, height: 180 });
      const rates = await listFrameRates(device, 'YUYV', { width: 320, height: 180 });
      assert.deepEqual(rates[0], { kind: 'discrete', fps: 1 });
      await setInput(device, TELEVISION);
      const [range] = await listFrameSizes(device, 'YUYV');
      assert.ok(range?.kind === 'range' && range.maxWidth > range.minWidth && range.stepWidth >= 1);
      await setInput(device, WEBCAM);
    });

    test('are tried without being set, also while another program streams', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const given = await setFormat(device, { fourcc: 'YUYV', width: 320, height: 180 });
      await using stream = await MmapStream.open(device);
      await stream.start();
      await using other = await V4l2Device.open(vivid.singlePlanar);
      const tried = await tryFormat(other, { fourcc: 'NV12', width: 641, height: 361 });
      assert.deepEqual([tried.fourcc, tried.width, tried.height, tried.field], ['NV12', 640, 360, 'none']);
      assert.equal(tried.imageBytes, (640 * 360 * 3) / 2);
      assert.deepEqual(await getFormat(other), given);
      await assert.rejects(setFormat(other, { fourcc: 'NV12', width: 640, height: 360 }), { code: 'device_busy' });
    });

    test('of several planes tell the layout of each', async () => {
      await using device = await V4l2Device.open(vivid.multiPlanar);
      const format = await setFormat(device, { fourcc: 'YM12', width: 320, height: 180 });
      assert.deepEqual(format.planes, [
        { bytesPerLine: 320, imageBytes: 320 * 180 },
        { bytesPerLine: 160, imageBytes: 160 * 90 },
        { bytesPerLine: 160, imageBytes: 160 * 90 },
      ]);
      assert.deepEqual([format.bytesPerLine, format.imageBytes], [320, (320 * 180 * 3) / 2]);
      const packed = await setFormat(device, { fourcc: 'YUYV', width: 320, height: 180 });
      assert.deepEqual(packed.planes, [{ bytesPerLine: 640, imageBytes: 640 * 180 }]);
    });

    test('have a rate that is set and read back, to the nearest there is', async () => {
      for (const path of [vivid.singlePlanar, vivid.multiPlanar]) {
        await using device = await V4l2Device.open(path);
        await setFormat(device, { fourcc: 'YUYV', width: 320, height: 180 });
        assert.equal(await setFrameRate(device, 25), 25);
        assert.equal(await getFrameRate(device), 25);
        assert.equal(await setFrameRate(device, 26), 30);
      }
    });

    test('know the part of the sensor they show', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      assert.equal(await getSelection(device, 'video_capture', 'crop_bounds'), undefined); // a webcam does not
      await setInput(device, TELEVISION);
      const bounds = await getSelection(device, 'video_capture', 'crop_bounds');
      assert.deepEqual(bounds, { left: 0, top: 0, width: 720, height: 576 });
      await setInput(device, WEBCAM);
    });
  });

  describe('Inputs', () => {
    test('are listed and switched', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const inputs = await listInputs(device);
      assert.deepEqual(
        inputs.map(({ name, hasDvTimings, hasStandards }) => [name.split(' ')[0], hasDvTimings, hasStandards]),
        [
          ['Webcam', false, false],
          ['TV', false, true],
          ['S-Video', false, true],
          ['HDMI', true, false],
        ],
      );
      await setInput(device, TELEVISION);
      assert.equal(await getInput(device), TELEVISION);
      await setInput(device, WEBCAM);
      await assert.rejects(setInput(device, 77), { code: 'unsupported' });
    });
  });

  describe('Priority', () => {
    test('of a recording keeps others from changing the device, until its handle is closed', async () => {
      await using other = await V4l2Device.open(vivid.singlePlanar);
      const brightness = await controlNamed(other, 'brightness', 'integer');
      {
        await using recording = await V4l2Device.open(vivid.singlePlanar);
        await setPriority(recording, 'record');
        assert.equal(await getPriority(other), 'record');
        const wanted = { fourcc: 'YUYV', width: 320, height: 180 };
        await assert.rejects(setFormat(other, wanted), { code: 'device_busy', message: /EBUSY/ });
        await assert.rejects(setControl(other, brightness, 1), { code: 'unsupported', message: /higher priority/ });
        await setFormat(recording, wanted);
      }
      assert.equal(await getPriority(other), 'interactive');
      assert.equal(await setControl(other, brightness, 1), 1);
    });
  });
}
