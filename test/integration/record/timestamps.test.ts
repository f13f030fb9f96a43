import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EncoderName } from '../../../src/base/encoder-names.ts';
import { type MonoUs, monoPlus } from '../../../src/base/units.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { cameraPictures } from '../../support/mjpeg-pictures.ts';
import { clipRequest, decodedFrames, frameTimesUs, RecorderRig, streamFacts } from '../../support/recorder-rig.ts';

const PICTURES = cameraPictures(30);
const DAY_MS = 86_400_000;
/** Half a tick of 90 kHz is 5.6 us, of 60 kHz (mpeg4) 8.3 us; ffprobe prints whole microseconds. */
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

/** Times behind each other at these intervals, in milliseconds. */
function timesAfter(from: MonoUs, intervalsMs: readonly number[]): MonoUs[] {
  let at = from;
  return intervalsMs.map((ms) => {
    at = monoPlus(at, Math.round(ms * 1000));
    return at;
  });
}

const repeat = (count: number, ms: number): number[] => Array<number>(count).fill(ms);

/** Stores frames of these times in a clip without pre-roll and compares what is in the file. */
async function assertStored(encoder: EncoderName, id: string, startUs: number, intervalsMs: readonly number[]) {
  await using rig = new RecorderRig(PICTURES, { maxClipMs: 10 * DAY_MS }, new FakeClock(startUs));
  const clip = await rig.recorder.start(clipRequest(id, { encoder, preMs: 0 }));
  const times = timesAfter(rig.clock.now(), intervalsMs);
  await rig.pushAll(times);
  await rig.queueBelow(1);
  clip.stop('stopped');
  const result = await clip.finished;
  assert.equal(result.state, 'ready', result.detail);
  assert.equal(result.duration_ms, (times.at(-1)! - times[0]!) / 1000);
  assertTimes(result.path!, times);
  assert.equal(decodedFrames(result.path!), times.length);
}

for (const encoder of ['copy', 'libx264', 'mpeg4'] satisfies EncoderName[]) {
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

  test(`clip (${encoder}) stores every frame at its capture time when the camera changes its rate, and after a long pause`, async () => {
    // 30 a second, in the dark 7.5, then 120, a picture a second, nine seconds of nothing, and 30 again
    const rates = [...repeat(40, 33.333), ...repeat(12, 133.333), ...repeat(60, 8.333), ...repeat(4, 1000)];
    await assertStored(encoder, 'rates', 1_000_000_000, [...rates, 9000, ...repeat(40, 33.367)]);
  });

  test(`clip (${encoder}) stores every frame at its capture time when its ticks pass 2^31 and 2^32`, async () => {
    // 6.6 and 13.3 hours at 90 kHz, 9.9 and 19.9 at 60 kHz; of a camera that sends a picture every 40 minutes
    const ticks = { copy: 90_000, libx264: 90_000, mpeg4: 60_000 }[encoder];
    const intervals = repeat(33, 40 * 60_000 + 0.123);
    assert.ok(33 * 40 * 60 * ticks > 2 ** 32);
    await assertStored(encoder, 'hours', 1_000_000_000, intervals);
  });
}

test('clip stores every frame at its capture time after three years of uptime', async () => {
  await assertStored('copy', 'years', 3 * 365 * DAY_MS * 1000 + 123_457, [...repeat(30, 33.333), 0.9, 1.7, 250]);
});

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
