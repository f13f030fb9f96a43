import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import { SILENT } from '../../../../src/base/logger.ts';
import { DESKS_NEEDED } from '../../../../src/capture/raw/encode-queue.ts';
import { openTurboJpeg } from '../../../../src/capture/raw/turbojpeg/turbojpeg-encoder.ts';
import { RawPictures } from '../../../../src/capture/v4l2/raw-pictures.ts';
import { parseConfig } from '../../../../src/config/load-config.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { PreRollRing } from '../../../../src/frame/pre-roll.ts';
import { rawPictureOf } from '../../../support/encode-once.ts';
import { ScriptedCamera } from '../../../support/scripted-camera.ts';

const MEBIBYTE = 1024 * 1024;
const PICTURE = rawPictureOf({ fourcc: 'YUYV', width: 1920, height: 1080, bytesPerLine: 3840 });
/** A slope with noise: 1 MB of JPEG, so that the ring is full after a second. */
const RAW = new Uint8Array(PICTURE.geometry.bytes);
for (let i = 0, noise = 1; i < RAW.length; i++) {
  noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
  RAW[i] = i % 2 === 0 ? 64 + ((i % 3840) >> 6) + (noise >>> 27) : 128;
}
const FRAMES = 75;

test('two cameras of raw pictures at 1080p run on while their pre-rolls are full, with the memory of the default config', async () => {
  const { frames, cameras } = parseConfig({ cameras: [{ id: 'one', source: '/dev/one' }] }, {}, 'test');
  const { pre_roll_s, pre_roll_mb } = cameras[0]!;
  const arena = new FrameArena(frames.memory_mb * MEBIBYTE);
  const deps = { arena, clock: SYSTEM_CLOCK, logger: SILENT, onBroken: () => assert.fail('broken') };

  async function run(): Promise<void> {
    const camera = new ScriptedCamera(SYSTEM_CLOCK, 30);
    camera.spoil(Number.MAX_SAFE_INTEGER, { bytes: RAW });
    await using encoder = openTurboJpeg(PICTURE, 85, DESKS_NEEDED);
    await using source = camera.source(deps, (later) => new RawPictures(RAW.length, encoder, later, deps));
    using ring = new PreRollRing({ maxMs: pre_roll_s * 1000, maxBytes: pre_roll_mb * MEBIBYTE, maxFrames: 600 });
    using _ = arena.addReserve(ring);
    let seen = 0;
    for await (const frame of source.frames(AbortSignal.timeout(30_000))) {
      ring.push(frame);
      frame.release();
      if (++seen === FRAMES) break;
    }
    assert.equal(seen, FRAMES, JSON.stringify({ dropped: source.counts.dropped, used: arena.usedBytes }));
    assert.ok(ring.evicted.of('bytes') > 0, `not full: ${ring.bytes} bytes`);
  }

  await Promise.all([run(), run()]);
  assert.deepEqual([arena.refused, arena.usedBytes], [0, 0]);
});
