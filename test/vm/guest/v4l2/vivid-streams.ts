import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MemoryMap } from '../../../../src/native/memory-map.ts';
import { setControl } from '../../../../src/v4l2/control-values.ts';
import { V4l2Device } from '../../../../src/v4l2/device.ts';
import { setFormat } from '../../../../src/v4l2/formats.ts';
import { setFrameRate } from '../../../../src/v4l2/frame-rate.ts';
import { MmapStream } from '../../../../src/v4l2/streaming.ts';
import { capture } from './captured-pictures.ts';
import { controlNamed, press, VividDevices } from './vivid-devices.ts';

const SIZE = { width: 320, height: 180 };
const FPS = 30;
/** Items of vivid's menu of test patterns, and of what is written over them. */
const WHITE = 6;
const RED = 7;
const NO_TEXT = 2;
/** Pure red, in limited range by BT.601: what vivid makes of it may be off by a rounding. */
const RED_YCBCR = [81, 90, 240];

/** Pictures, in one plane and in several, and everything that vivid can do to a stream. */
export function checkStreams(): void {
  const vivid = new VividDevices();
  before(() => vivid.load());
  after(() => vivid.unload());

  async function openStream(device: V4l2Device, fourcc: string, pattern = RED, buffers = 4): Promise<MmapStream> {
    await setFormat(device, { fourcc, ...SIZE });
    await setFrameRate(device, FPS);
    await setControl(device, await controlNamed(device, 'test_pattern', 'menu'), pattern);
    await setControl(device, await controlNamed(device, 'osd_text_mode', 'menu'), NO_TEXT);
    const stream = await MmapStream.open(device, buffers);
    await stream.start();
    return stream;
  }

  /** The middle of a plane's sample values: every `step`th byte from `first` on. */
  const sample = (plane: Uint8Array | undefined, step: number, first: number): number | undefined =>
    plane?.[Math.floor(plane.length / 2 / step) * step + first];

  const assertRed = (ycbcr: readonly (number | undefined)[]): void => {
    for (const [index, value] of ycbcr.entries()) {
      assert.ok(Math.abs((value ?? 0) - RED_YCBCR[index]!) <= 2, `${ycbcr} instead of ${RED_YCBCR}`);
    }
  };

  describe('Streams', () => {
    test('of a single-planar device give each picture in one view', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await using stream = await openStream(device, 'YUYV');
      const [picture] = await capture(stream, 3);
      assert.deepEqual(
        picture?.planes.map(({ length }) => length),
        [SIZE.width * SIZE.height * 2],
      );
      assertRed([sample(picture?.planes[0], 4, 0), sample(picture?.planes[0], 4, 1), sample(picture?.planes[0], 4, 3)]);
    });

    test('of a multi-planar device give a view per plane', async () => {
      await using device = await V4l2Device.open(vivid.multiPlanar);
      const pixels = SIZE.width * SIZE.height;
      {
        await using stream = await openStream(device, 'NM12');
        const planes = (await capture(stream, 3)).at(-1)?.planes ?? [];
        assert.deepEqual(
          planes.map(({ length }) => length),
          [pixels, pixels / 2],
        );
        assertRed([sample(planes[0], 1, 0), sample(planes[1], 2, 0), sample(planes[1], 2, 1)]);
      }
      await using stream = await openStream(device, 'YM12');
      const planes = (await capture(stream, 3)).at(-1)?.planes ?? [];
      assert.deepEqual(
        planes.map(({ length }) => length),
        [pixels, pixels / 4, pixels / 4],
      );
      assertRed(planes.map((plane) => sample(plane, 1, 0)));
    });

    test('of a multi-planar device give a picture of one plane as such', async () => {
      await using device = await V4l2Device.open(vivid.multiPlanar);
      await using stream = await openStream(device, 'YUYV');
      const [picture] = await capture(stream, 1);
      assert.equal(picture?.planes.length, 1);
      assertRed([sample(picture?.planes[0], 4, 0), sample(picture?.planes[0], 4, 1), sample(picture?.planes[0], 4, 3)]);
    });

    test('have as many buffers as asked for, can be stopped and started, and number and time their pictures', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await using stream = await openStream(device, 'YUYV', WHITE, 7);
      assert.equal(stream.bufferCount, 7);
      for (let round = 0; round < 2; round++) {
        const pictures = await capture(stream, 5);
        assert.equal(pictures[0]?.sequence, 0);
        assert.ok(pictures.every(({ capturedAt, timestampUs }) => capturedAt === timestampUs));
        // On a machine under load, vivid gives two pictures one number.
        const [first, last] = [pictures[0]!, pictures.at(-1)!];
        assert.ok(last.sequence > first.sequence && last.timestampUs > first.timestampUs);
        await stream.stop();
        if (round === 0) await stream.start();
      }
    });

    test('tell whether the time is of the start or the end of a picture', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const source = await controlNamed(device, 'timestamp_source', 'menu');
      for (const [value, moment] of [
        [1, 'start_of_exposure'],
        [0, 'end_of_frame'],
      ] as const) {
        await setControl(device, source, value);
        await using stream = await openStream(device, 'YUYV');
        assert.equal((await capture(stream, 1))[0]?.timedAt, moment);
      }
    });

    test('are exported as dma-bufs, which show the same memory and outlive the stream', async () => {
      for (const [path, fourcc, planes] of [
        [vivid.singlePlanar, 'YUYV', 1],
        [vivid.multiPlanar, 'YM12', 3],
      ] as const) {
        await using device = await V4l2Device.open(path);
        const stream = await openStream(device, fourcc, WHITE);
        await capture(stream, stream.bufferCount); // all buffers have been filled
        using exported = await stream.exportPlane(1, planes - 1);
        await stream[Symbol.asyncDispose]();
        const map = MemoryMap.of(exported.fd, 4096, 0);
        assert.ok(map instanceof MemoryMap, 'the dma-buf cannot be mapped');
        using _ = map;
        const [first, second] = map.bytes; // luma and chroma; of the last of three planes: chroma
        const white = fourcc === 'YUYV' ? 235 : 128;
        assert.ok(Math.abs(first! - white) <= 2 && Math.abs(second! - 128) <= 2, `${first}, ${second}`);
      }
    });

    test('that cannot be exported are refused', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await using stream = await openStream(device, 'YUYV');
      await assert.rejects(stream.exportPlane(99), { code: 'unsupported', message: /export a buffer of/ });
    });
  });

  describe('Faults of streams', () => {
    test('mark a damaged picture as such, and it alone', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await using stream = await openStream(device, 'YUYV');
      const pictures = await capture(stream, 20, (number) => {
        if (number === 3) void press(device, 'inject_v4l2_buf_flag_error');
      });
      assert.equal(pictures.filter(({ damaged }) => damaged).length, 1);
    });

    test('show as gaps in the numbers when the driver drops pictures', async () => {
      await using device = await V4l2Device.open(vivid.multiPlanar);
      const dropped = await controlNamed(device, 'percentage_of_dropped_buffers', 'integer');
      await using stream = await openStream(device, 'YUYV');
      await setControl(device, dropped, 50);
      const pictures = await capture(stream, 15);
      await setControl(device, dropped, 0);
      const span = pictures.at(-1)!.sequence - pictures[0]!.sequence;
      assert.ok(span > pictures.length, `15 pictures over ${span} numbers`);
    });

    for (const [button, path] of [
      ['inject_vidioc_reqbufs_error', 'get buffers from'],
      ['inject_vidioc_qbuf_error', 'queue a buffer of'],
      ['inject_vidioc_streamon_error', 'start streaming from'],
    ] as const) {
      test(`throw what could not be done, and leave nothing behind: ${button}`, async () => {
        await using device = await V4l2Device.open(vivid.singlePlanar);
        await setFormat(device, { fourcc: 'YUYV', ...SIZE });
        await press(device, button);
        const open = async (): Promise<void> => {
          await using stream = await MmapStream.open(device);
          await stream.start();
        };
        await assert.rejects(open(), { code: 'unsupported', message: new RegExp(`Cannot ${path} .*EINVAL`) });
        await open();
      });
    }

    for (const [button, code] of [
      ['inject_vidioc_qbuf_error', 'device_failed'],
      ['inject_fatal_streaming_error', 'device_failed'],
      ['disconnect', 'device_lost'],
    ] as const) {
      test(`end a stream with ${code}: ${button}`, async () => {
        await using device = await V4l2Device.open(vivid.singlePlanar);
        await using stream = await openStream(device, 'YUYV');
        await assert.rejects(
          capture(stream, 1000, (number) => {
            if (number === 3) void press(device, button);
          }),
          { code },
        );
      });
    }
  });
}
