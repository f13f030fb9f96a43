import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import type { MonoUs } from '../../../src/base/units.ts';
import type { ClipResult, RecordingClip } from '../../../src/record/clip/clip.ts';
import type { EncoderDesk } from '../../../src/record/encoders/encoder-desk.ts';
import { DEFAULT_QUALITY } from '../../../src/record/encoders/encoder-profile.ts';
import { lookAtVerdicts } from '../../../src/record/encoders/stored-verdicts.ts';
import { EncoderRig, probeMaterial } from '../../support/encoder-rig.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeFfmpeg } from '../../support/fake-ffmpeg.ts';
import { cameraPictures } from '../../support/mjpeg-pictures.ts';
import {
  clipRequest,
  decodedFrames,
  ffmpegChildren,
  frameTimesUs,
  RecorderRig,
  streamFacts,
} from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

/** Neither a multiple of 64 nor of 16. */
const PADDED = { width: 312, height: 248 };
const SIZE = `${PADDED.width}x${PADDED.height}`;
const PICTURES = cameraPictures(30, SIZE);

/** The clip that goes on from a clip that broke off, once its ffmpeg runs. */
async function continuation(rig: RecorderRig, broken: RecordingClip): Promise<RecordingClip> {
  const { continued_by } = await broken.finished;
  const next = rig.recorder.clips().find(({ id }) => id === continued_by);
  assert.ok(next, `no clip ${continued_by} goes on`);
  return next;
}

function killFfmpeg(): void {
  const [child, ...others] = ffmpegChildren();
  assert.ok(child !== undefined && others.length === 0);
  process.kill(child.pid, 'SIGKILL');
}

const TICK_US = 10;

/** The times of the frames in a file, on the clock of the camera. */
const capturedTimes = (path: string, firstAt: MonoUs): number[] => frameTimesUs(path).map((time) => firstAt + time);

test('clip goes on as a copy, without losing or repeating a frame, when its encoder dies', async () => {
  await using rig = new RecorderRig(PICTURES, {}, new FakeClock());
  const trigger = rig.clock.now();
  const clip = await rig.recorder.start(clipRequest('door', { encoder: 'libx264', durationMs: 12_000, label: 'door' }));
  const first = await rig.pushMany(trigger, 150);
  await rig.queueBelow(1);
  killFfmpeg();
  const next = await continuation(rig, clip);
  const second = await rig.pushMany(first.at(-1)!, 250);
  const [broken, rest] = [await clip.finished, await next.finished];

  assert.deepEqual([broken.state, broken.end, broken.encoder], ['interrupted', 'ffmpeg_failed', 'libx264']);
  assert.equal(broken.continued_by, 'door-2');
  assert.deepEqual([rest.clip, rest.continues, rest.label], ['door-2', 'door', 'door']);
  assert.deepEqual([rest.state, rest.end, rest.encoder], ['ready', 'duration', 'copy']);
  assert.match(rest.encoder_reason ?? '', /libx264: it failed in this clip/);
  assert.deepEqual(readdirSync(rig.dir).sort(), ['door-2.mp4', 'door.mp4']);

  const wanted = [...first, ...second].filter((_, i, all) => i === 0 || all[i - 1]! < trigger + 12_000_000);
  const stored = [...capturedTimes(broken.path!, first[0]!), ...capturedTimes(rest.path!, wanted[broken.frames]!)];
  assert.equal(stored.length, wanted.length);
  assert.ok(wanted.every((time, i) => Math.abs(time - stored[i]!) <= TICK_US));
  assert.equal(decodedFrames(broken.path!) + decodedFrames(rest.path!), wanted.length);
  assert.deepEqual(
    rig.results.map(({ clip: id }) => id),
    ['door', 'door-2'],
  );
  await rig.recorder.close(1000);
  assert.equal(rig.arena.usedBytes, 0);
});

test('clip that is copied goes on as a copy, without losing or repeating a frame, when its ffmpeg dies after a while', async () => {
  await using rig = new RecorderRig(PICTURES, {}, new FakeClock());
  const trigger = rig.clock.now();
  const clip = await rig.recorder.start(clipRequest('door'));
  const first = await rig.pushMany(trigger, 400);
  await rig.queueBelow(1);
  killFfmpeg();
  const next = await continuation(rig, clip);
  const second = await rig.pushMany(first.at(-1)!, 60);
  next.stop('stopped');
  const [broken, rest] = [await clip.finished, await next.finished];
  assert.deepEqual([broken.state, broken.continued_by], ['interrupted', 'door-2']);
  assert.deepEqual([rest.state, rest.encoder, rest.encoder_reason], ['ready', 'copy', undefined]);
  const wanted = [...first, ...second];
  const stored = [...capturedTimes(broken.path!, first[0]!), ...capturedTimes(rest.path!, wanted[broken.frames]!)];
  assert.equal(stored.length, wanted.length);
  assert.ok(wanted.every((time, i) => Math.abs(time - stored[i]!) <= TICK_US));
});

test('clip goes on with what the ring still holds when that is less than its encoder had not stored', async () => {
  await using rig = new RecorderRig(PICTURES, { preRollMs: 100 }, new FakeClock());
  const clip = await rig.recorder.start(clipRequest('late', { encoder: 'libx264' }));
  const first = await rig.pushMany(rig.clock.now(), 118); // the half second of the last dozen is not over
  await rig.queueBelow(1);
  killFfmpeg();
  const next = await continuation(rig, clip);
  await rig.pushMany(first.at(-1)!, 10);
  next.stop('stopped');
  const [broken, rest] = [await clip.finished, await next.finished];
  // 100 ms are three intervals of 33 ms: four frames of the past, and the ten that followed
  assert.equal(rest.frames, 14);
  assert.ok(broken.frames <= 110, `${broken.frames} frames`);
  const [gap, ...more] = rest.gaps;
  const lost = 118 + 10 - broken.frames - rest.frames;
  assert.deepEqual([gap?.at_ms, gap?.frames, gap?.where, more, broken.gaps], [0, lost, 'queue', [], []]);
  assert.ok(Math.abs(gap!.lost_ms - lost * 33) <= 1, `${gap!.lost_ms} ms of ${lost} frames`);
});

test('clip that goes on names the clips before it', async () => {
  await using rig = new RecorderRig(PICTURES, {}, new FakeClock());
  const clip = await rig.recorder.start(clipRequest('chain', { encoder: 'libx264' }));
  await rig.pushMany(rig.clock.now(), 60);
  await rig.queueBelow(1);
  killFfmpeg();
  const next = await continuation(rig, clip);
  assert.deepEqual(
    ['chain', 'chain-2', 'chain-3', 'other-1'].map((id) => next.answersTo(id)),
    [true, true, false, false],
  );
});

test('clip tries one encoder after the other, each once, and ends as a copy', async () => {
  await using rig = new RecorderRig(PICTURES, {}, new FakeClock());
  const choose = (asked: 'libx264') => clipRequest('chain', { encoder: asked });
  const clip = await rig.recorder.start(choose('libx264'));
  await rig.pushMany(rig.clock.now(), 60);
  await rig.queueBelow(1);
  killFfmpeg();
  const second = await continuation(rig, clip);
  await until('the copy runs', () => ffmpegChildren().length === 1);
  killFfmpeg();
  const last = await second.finished;
  assert.deepEqual([last.encoder, last.end, last.continued_by], ['copy', 'ffmpeg_failed', undefined]);
  assert.deepEqual(rig.recorder.clips(), []);
});

test('clip that is told to end does not go on when its encoder dies meanwhile', async () => {
  const clock = new FakeClock();
  await using rig = new RecorderRig(PICTURES, {}, clock);
  const clip = await rig.recorder.start(clipRequest('ended', { encoder: 'libx264' }));
  await rig.pushMany(clock.now(), 60);
  await rig.queueBelow(1);
  process.kill(ffmpegChildren()[0]!.pid, 'SIGSTOP');
  clip.stop('stopped');
  killFfmpeg();
  const result = await clip.finished;
  assert.deepEqual([result.state, result.end, result.continued_by], ['interrupted', 'ffmpeg_failed', undefined]);
  assert.ok(!existsSync(join(rig.dir, 'ended-2.mp4.partial')));
});

/**
 * A recorder whose hardware encoder is the fake one, with a desk that has probed it, and a camera that really sends a
 * picture every 33 ms. Few pictures may wait: an encoder that is too slow is found out soon.
 */
class HardwareRig implements AsyncDisposable {
  readonly rig: RecorderRig;

  static async open(ffmpeg: FakeFfmpeg, encoders: EncoderRig): Promise<HardwareRig> {
    const desk = await encoders.desk({ ffmpeg: ffmpeg.program, roots: ffmpeg.roots });
    const opened = new HardwareRig(ffmpeg.program, desk);
    await opened.passFrames(() => encoders.logs.of('encoder_probed').length > 0);
    return opened;
  }

  private constructor(ffmpeg: string, encoders: EncoderDesk) {
    const encoding = { encoder: 'auto', fps: 30, quality: DEFAULT_QUALITY } as const;
    const options = { ffmpeg, encoding, queueBytes: 60_000 };
    this.rig = new RecorderRig(PICTURES, options, SYSTEM_CLOCK, { encoders });
  }

  /** Until it is enough; a minute at the most. */
  async passFrames(isEnough: () => boolean): Promise<void> {
    for (let i = 0; i < 1800 && !isEnough(); i++) {
      this.rig.push(this.rig.clock.now());
      await delay(33);
    }
    assert.ok(isEnough(), 'not within a minute');
  }

  /** Record a clip of 2.5 seconds and what goes on from it; returns the results in their order. */
  async record(id: string): Promise<ClipResult[]> {
    const { results, recorder } = this.rig;
    const from = results.length;
    await recorder.start(clipRequest(id, { encoder: undefined, preMs: 500, durationMs: 2500 }));
    await this.passFrames(() => results.length > from && results.at(-1)?.continued_by === undefined);
    return results.slice(from);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rig[Symbol.asyncDispose]();
  }
}

/** Every size that GStreamer sees on its way from the file to the decoded picture. */
function gstreamerSizes(path: string): string[] {
  const elements = [
    'filesrc',
    `location=${path}`,
    '!',
    'qtdemux',
    '!',
    'h264parse',
    '!',
    'openh264dec',
    '!',
    'fakesink',
  ];
  const said = execFileSync('gst-launch-1.0', ['-v', ...elements], { encoding: 'utf8', timeout: 20_000 });
  const sizes = [...said.matchAll(/width=\(int\)(\d+), height=\(int\)(\d+)/g)].map(
    ([, width, height]) => `${width}x${height}`,
  );
  return [...new Set(sizes)];
}

test('clip is encoded by the hardware that passed the probe, and its padding is cut off again', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'works', clip: 'works' });
  await using encoders = new EncoderRig();
  await using hardware = await HardwareRig.open(ffmpeg, encoders);
  const [result, ...others] = await hardware.record('padded');
  assert.deepEqual(others, []);
  assert.deepEqual([result?.state, result?.encoder, result?.encoder_reason], ['ready', 'h264_v4l2m2m', undefined]);
  const { width, height } = streamFacts(result!.path!, 'width,height');
  assert.deepEqual([width, height], [PADDED.width, PADDED.height], 'what the stream says');
  assert.deepEqual(gstreamerSizes(result!.path!), [SIZE], 'what the file and the stream say');
  assert.equal(decodedFrames(result!.path!), result!.frames);
  assert.deepEqual((hardware.rig.recorder.report() as { encoder: unknown }).encoder, {
    asked: 'auto',
    encoder: 'h264_v4l2m2m',
  });
});

for (const manner of ['refuses', 'hangs', 'dies', 'drops', 'slow'] as const) {
  test(`encoder that passed the probe and ${manner} in two clips is not used any more`, async () => {
    using ffmpeg = new FakeFfmpeg({ probe: 'works', clip: manner });
    await using encoders = new EncoderRig();
    await using hardware = await HardwareRig.open(ffmpeg, encoders);
    const goesOn = manner !== 'drops'; // missing pictures are noticed when the clip is over
    for (const id of ['one', 'two']) {
      const [broken, rest, ...others] = await hardware.record(id);
      assert.deepEqual([broken?.encoder, broken?.end, others], ['h264_v4l2m2m', 'ffmpeg_failed', []]);
      assert.equal(broken?.state, broken?.frames === 0 ? 'failed' : 'interrupted');
      if (goesOn) assert.deepEqual([rest?.encoder, rest?.state, rest?.continues], ['copy', 'ready', id]);
    }
    const { encoder } = hardware.rig.recorder.report() as { encoder: { encoder: string; reason: string } };
    assert.notEqual(encoder.encoder, 'h264_v4l2m2m');
    assert.match(encoder.reason, /^h264_v4l2m2m: given up at /);
    const [demoted, ...again] = encoders.logs.of('encoder_demoted');
    assert.deepEqual([demoted?.fields['encoder'], demoted?.fields['size'], again], ['h264_v4l2m2m', SIZE, []]);
    await hardware.rig.recorder.close(1000);
    assert.equal(hardware.rig.arena.usedBytes, 0);
  });
}

test('encoder that was given up is told of after a restart, and has to prove itself again', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'works', clip: 'refuses' });
  await using encoders = new EncoderRig();
  await using hardware = await HardwareRig.open(ffmpeg, encoders);
  await hardware.record('one');
  await hardware.record('two');
  await until('it is written down', () => lookAtVerdicts(encoders.state).demotions.length > 0);
  const desk = await encoders.desk({ ffmpeg: ffmpeg.program, roots: ffmpeg.roots });
  assert.deepEqual(desk.demotions, []);
  assert.deepEqual(
    desk.earlierDemotions.map(({ encoder, size }) => [encoder, size]),
    [['h264_v4l2m2m', SIZE]],
  );
  assert.equal(desk.undecided('h264_v4l2m2m', { ...probeMaterial(16, 16).job, size: PADDED }), true);
});

test('after an encoder was given up the next one is probed in the background', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'works', clip: 'refuses' });
  await using encoders = new EncoderRig();
  await using hardware = await HardwareRig.open(ffmpeg, encoders);
  await hardware.record('one');
  await hardware.record('two');
  await hardware.passFrames(() => encoders.logs.of('encoder_probed').length === 2);
  const [result] = await hardware.record('three');
  assert.deepEqual([result?.encoder, result?.state], ['libx264', 'ready']);
});
