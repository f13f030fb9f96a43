import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { walkJpeg } from '../../../../src/jpeg/walk.ts';
import { forever, openSource } from './opened-source.ts';
import { VividDevices } from './vivid-devices.ts';

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
  });
}
