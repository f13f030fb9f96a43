import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { walkJpeg } from '../../../../src/jpeg/walk.ts';
import { getControl, setControl } from '../../../../src/v4l2/control-values.ts';
import { V4l2Device } from '../../../../src/v4l2/device.ts';
import { forever, openSource, readUntil } from './opened-source.ts';
import { controlNamed, VividDevices } from './vivid-devices.ts';

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
