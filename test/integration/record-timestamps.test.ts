import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EncoderName } from '../../src/base/encoder-names.ts';
import { type MonoUs, monoPlus } from '../../src/base/units.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { cameraPictures } from '../support/mjpeg-pictures.ts';
import { clipRequest, decodedFrames, frameTimesUs, RecorderRig, streamFacts } from '../support/recorder-rig.ts';

const PICTURES = cameraPictures(30);
/** Half a tick of 90 kHz is 5.6 us; ffprobe prints whole microseconds. */
const TOLERANCE_US = 10;

/** Times after `from` at irregular intervals of 1 to 120 ms, with a pause of 700 ms in the middle. */
function irregularTimes(from: MonoUs, count: number): MonoUs[] {
  let at = from;
  let seed = 7;
  return Array.from({ length: count }, (_, i) => {
    seed = (seed * 48_271) % 2_147_483_647;
    at = monoPlus(at, i === count >> 1 ? 700_000 : 1000 + (seed % 119_000));
    return at;
  });
}

function assertTimes(path: string, captured: readonly MonoUs[]): void {
  const stored = frameTimesUs(path);
  assert.equal(stored.length, captured.length);
  const worst = Math.max(...captured.map((time, i) => Math.abs(time - captured[0]! - stored[i]!)));
  assert.ok(worst <= TOLERANCE_US, `a frame is off by ${worst} us`);
}

for (const encoder of ['copy', 'libx264'] satisfies EncoderName[]) {
  test(`clip (${encoder}) stores every frame at its capture time when intervals are irregular and a pre-roll burst comes first`, async () => {
    await using rig = new RecorderRig(PICTURES, {}, new FakeClock());
    const trigger = rig.clock.now();
    const past = irregularTimes(monoPlus(trigger, -4_500_000), 60).filter((time) => time <= trigger);
    for (const time of past) rig.push(time);

    const clip = await rig.recorder.start(clipRequest(`exact-${encoder}`, { encoder, durationMs: 6000 }));
    const live = irregularTimes(monoPlus(trigger, 1000), 150);
    await rig.pushAll(live);
    const result = await clip.finished;

    const end = live.findIndex((time) => time >= trigger + 6_000_000);
    const captured = [...past, ...live.slice(0, end + 1)];
    assert.equal(result.state, 'ready', result.detail);
    assert.equal(result.end, 'duration');
    assert.equal(result.frames, captured.length);
    assertTimes(result.path!, captured);
    assert.equal(decodedFrames(result.path!), captured.length);
    assert.equal(result.duration_ms, (captured.at(-1)! - captured[0]!) / 1000);
    assert.equal(result.pre_roll_got_ms, (trigger - captured[0]!) / 1000);
    assert.equal(result.started_at, new Date(rig.clock.wall() - result.pre_roll_got_ms).toISOString());
    assert.deepEqual(result.gaps, []);
    await rig.recorder.close(1000);
    assert.equal(rig.arena.usedBytes, 0);
  });
}

test('clip (libx264) is 4:2:0 with the colours of JPEG named when the camera sends 4:2:2', async () => {
  await using rig = new RecorderRig(PICTURES);
  const clip = await rig.recorder.start(clipRequest('colours', { encoder: 'libx264' }));
  await rig.pushMany(rig.clock.now(), 40);
  clip.stop('stopped');
  const result = await clip.finished;
  assert.equal(result.state, 'ready', result.detail);
  assert.deepEqual(streamFacts(result.path!, 'codec_name,pix_fmt,color_range,color_space'), {
    codec_name: 'h264',
    pix_fmt: 'yuv420p',
    color_range: 'tv',
    color_space: 'bt470bg',
  });
});
