import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FrameSource } from '../../../../src/capture/frame-source.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { walkJpeg } from '../../../../src/jpeg/walk.ts';
import { getControl, setControl } from '../../../../src/v4l2/control-values.ts';
import { V4l2Device } from '../../../../src/v4l2/device.ts';
import { setInput } from '../../../../src/v4l2/inputs.ts';
import { forever, openSource, readUntil } from './opened-source.ts';
import { controlNamed, VividDevices } from './vivid-devices.ts';
import { HD_720P30, HDMI, NO_SIGNAL, SELECTED, setSignal, VGA_P60, WEBCAM } from './vivid-signal.ts';

const AS_IT_STANDS = { width: undefined, height: undefined, fps: undefined };
const SIZE = { width: 320, height: 180 };

/** The `v4l2` source with a camera that has no JPEG. */
export function checkSourceWithVivid(): void {
  const vivid = new VividDevices();
  before(() => vivid.load());
  after(() => vivid.unload());

  describe('The v4l2 source with a raw camera', () => {
    for (const api of ['singlePlanar', 'multiPlanar'] as const) {
      test(`gives JPEG pictures (${api})`, async () => {
        const arena = new FrameArena(16e6);
        {
          await using source = await openSource({ path: vivid[api] }, SIZE, arena);
          let count = 0;
          for await (const frame of source.frames(forever())) {
            using _ = frame;
            assert.deepEqual([frame.width, frame.height], [SIZE.width, SIZE.height]);
            assert.ok(typeof walkJpeg(frame.bytes) !== 'string', String(walkJpeg(frame.bytes)));
            if (++count === 5) break;
          }
        }
        assert.equal(arena.usedBytes, 0);
      });
    }

    test('follows the signal of a digital input, ends when another comes in, and says when there is none', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const open = (): Promise<FrameSource> =>
        openSource({ path: vivid.singlePlanar }, AS_IT_STANDS, new FrameArena(64e6));
      await setInput(device, HDMI);
      try {
        await setSignal(device, SELECTED, HD_720P30);
        {
          await using source = await open();
          assert.deepEqual([source.about.width, source.about.height, source.about.fps], [1280, 720, 30]);
          const { error } = await readUntil(source, Number.POSITIVE_INFINITY, (number) => {
            if (number === 2) void setSignal(device, SELECTED, VGA_P60);
          });
          assert.equal(error?.code, 'signal_changed', error?.message);
        }
        {
          await using source = await open();
          assert.deepEqual([source.about.width, source.about.height], [640, 480]);
          assert.deepEqual(await readUntil(source, 2), { frames: 2, error: undefined });
        }
        await setSignal(device, NO_SIGNAL, VGA_P60);
        await assert.rejects(open(), { code: 'no_signal', message: /there is no signal on its input/ });
      } finally {
        await setInput(device, WEBCAM);
      }
    });

    test('sets the controls at each opening, tells which are not as wanted, and streams all the same', async () => {
      const controls = { gain_automatic: false, gain: 42, menu: 'Menu Item 4', brightness: 999, no_such: 1 };
      for (const round of ['opened', 'opened again']) {
        await using device = await V4l2Device.open(vivid.singlePlanar);
        await setControl(device, await controlNamed(device, 'gain', 'integer'), 7);
        await using source = await openSource({ path: vivid.singlePlanar }, { ...SIZE, controls });
        const missed = source.about.missed_controls?.map(({ control, given }) => [control, given]);
        assert.deepEqual(
          missed,
          [
            ['brightness', 255],
            ['no_such', undefined],
          ],
          round,
        );
        assert.equal(await getControl(device, await controlNamed(device, 'gain', 'integer')), 42, round);
        assert.equal(await getControl(device, await controlNamed(device, 'menu', 'menu')), 4, round);
        assert.deepEqual(await readUntil(source, 3), { frames: 3, error: undefined });
      }
    });
  });
}
