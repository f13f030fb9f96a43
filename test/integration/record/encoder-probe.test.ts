import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EncoderVerdict } from '../../../src/record/encoders/encoder-verdict.ts';
import {
  EncoderRig,
  NO_DEVICES,
  probeMaterial,
  surveyOf,
  syntheticMaterial,
  untilIdle,
} from '../../support/encoder-rig.ts';
import { type EncoderManner, FakeFfmpeg } from '../../support/fake-ffmpeg.ts';
import { ffmpegChildren } from '../../support/recorder-rig.ts';

const VGA = probeMaterial(640, 480);
/** 1080 rows are padded to 1088, 1296 columns to 1344. */
const PADDED = probeMaterial(1296, 1080);

for (const encoder of ['libx264', 'mpeg4'] as const) {
  test(`probe finds that ${encoder} works, also with an odd size`, async () => {
    await using rig = new EncoderRig();
    const desk = await rig.desk({ roots: NO_DEVICES });
    for (const material of [VGA, probeMaterial(321, 241), syntheticMaterial(321, 241), syntheticMaterial(101, 75)]) {
      const { verdict } = await surveyOf(desk, encoder, material);
      assert.ok(verdict?.works, JSON.stringify(verdict));
      assert.ok(verdict.likenessDb > 35, `${verdict.likenessDb} dB`);
    }
    assert.deepEqual(rig.files, [], 'no files of probes are left');
  });
}

test('probe finds that an encoder works whose pictures are padded and whose headers come late', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'works', clip: 'works' });
  await using rig = new EncoderRig();
  const desk = await rig.desk({ ffmpeg: ffmpeg.program, roots: ffmpeg.roots });
  const { verdict } = await surveyOf(desk, 'h264_v4l2m2m', PADDED);
  assert.ok(verdict?.works, JSON.stringify(verdict));
  assert.ok(verdict.likenessDb > 35, `${verdict.likenessDb} dB`);
});

test('probe of an encoder that needs more memory than expected is repeated under a larger cap', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'hungry', clip: 'works' });
  await using rig = new EncoderRig();
  const desk = await rig.desk({ ffmpeg: ffmpeg.program, roots: ffmpeg.roots });
  const { verdict } = await surveyOf(desk, 'h264_v4l2m2m', VGA);
  assert.ok(verdict?.works, JSON.stringify(verdict));
  assert.ok(ffmpeg.runs > 1, `${ffmpeg.runs} run`);
  assert.equal(rig.logs.of('encoder_probed').length, 1);
});

const REASONS: Readonly<Partial<Record<EncoderManner, RegExp>>> = {
  refuses: /Could not find a valid device/,
  hangs: /did not finish within 2 s/,
  green: /not those of the camera \(\d+(\.\d)? dB alike/,
  sheared: /not those of the camera/,
  drops: /13 of 16 pictures are in its file/,
  late: /20 ms off their capture time/,
  dies: /ffmpeg/,
  slow: /did not finish within 2 s/,
};

for (const [manner, reason] of Object.entries(REASONS)) {
  test(`probe finds why an encoder does not work that ${manner === 'green' ? 'is green' : manner}`, async () => {
    using ffmpeg = new FakeFfmpeg({ probe: manner as EncoderManner, clip: 'works' });
    await using rig = new EncoderRig();
    const desk = await rig.desk({ ffmpeg: ffmpeg.program, roots: ffmpeg.roots, limitMs: 2000 });
    const { verdict } = await surveyOf(desk, 'h264_v4l2m2m', VGA);
    assert.ok(verdict?.works === false, JSON.stringify(verdict));
    assert.match(verdict.reason, reason);
    assert.deepEqual(ffmpegChildren(), []);
  });
}

test('probe tells the reasons of the real ffmpeg for hardware that is not there', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'works', clip: 'works' }); // for its device node alone
  await using rig = new EncoderRig();
  const desk = await rig.desk({ roots: ffmpeg.roots });
  const found = await surveyOf(desk, 'h264_v4l2m2m', VGA);
  assert.match((found.verdict as { reason: string }).reason, /Could not find a valid device|configure encoder/);
  assert.equal(found.missing, false);
});

test('what no machine here has is missing, and is not probed', async () => {
  await using rig = new EncoderRig();
  const desk = await rig.desk({ roots: NO_DEVICES });
  const found = await surveyOf(desk, 'h264_vaapi', VGA);
  assert.deepEqual([found.missing, found.verdict], [true, undefined]);
});

test('verdict is known without a probe after a restart, and not when the ffmpeg build has changed', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'green', clip: 'works' });
  await using rig = new EncoderRig();
  const options = { ffmpeg: ffmpeg.program, roots: ffmpeg.roots };
  const verdictOf = async (): Promise<EncoderVerdict | undefined> =>
    (await surveyOf(await rig.desk(options), 'h264_v4l2m2m', VGA)).verdict;
  assert.equal((await verdictOf())?.works, false);
  ffmpeg.probe = 'works';
  assert.equal((await verdictOf())?.works, false, 'it was remembered');
  const otherBuild = readFileSync(ffmpeg.program, 'utf8').replace(
    'case "$*" in',
    'case "$*" in -version) ffmpeg -version | sed s/--enable-gpl/--enable-mpp/; exit ;;',
  );
  writeFileSync(ffmpeg.program, otherBuild);
  assert.equal((await verdictOf())?.works, true);
});

test('verdict is not known any more when the device, the size or the quality has changed', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'green', clip: 'works' });
  await using rig = new EncoderRig();
  const options = { ffmpeg: ffmpeg.program, roots: ffmpeg.roots };
  const desk = await rig.desk(options);
  await surveyOf(desk, 'h264_v4l2m2m', VGA);
  const undecided = (job = VGA.job): boolean => desk.undecided('h264_v4l2m2m', job);
  await surveyOf(desk, 'libx264', VGA);
  assert.equal(undecided(), false);
  assert.equal(undecided(PADDED.job), true);
  assert.equal(undecided({ ...VGA.job, quality: { crf: 30, bitrateKbps: undefined } }), true);
  writeFileSync(join(ffmpeg.roots.dev, 'video31'), '');
  assert.equal((await rig.desk(options)).undecided('h264_v4l2m2m', VGA.job), true);
});

test('verdict on an encoder that did not finish is not kept over a restart, as the machine may have been busy', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'slow', clip: 'works' });
  await using rig = new EncoderRig();
  const options = { ffmpeg: ffmpeg.program, roots: ffmpeg.roots, limitMs: 2000 };
  await surveyOf(await rig.desk(options), 'h264_v4l2m2m', VGA);
  ffmpeg.probe = 'works';
  assert.equal((await surveyOf(await rig.desk(options), 'h264_v4l2m2m', VGA)).verdict?.works, true);
});

test('auto is copied until a probe has found what works, and the probe stops at the first', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'green', clip: 'works' });
  await using rig = new EncoderRig();
  const desk = await rig.desk({ ffmpeg: ffmpeg.program, roots: ffmpeg.roots });
  const before = desk.choose('auto', VGA.job, []);
  assert.deepEqual([before.encoder, before.reason?.includes('libx264: not probed yet')], ['copy', true]);
  desk.consider('auto', VGA.job, VGA.pictures);
  assert.equal(desk.idle, false);
  assert.equal(desk.choose('auto', VGA.job, []).encoder, 'copy', 'nobody waits for the probe');
  await untilIdle(desk);
  const after = desk.choose('auto', VGA.job, []);
  assert.equal(after.encoder, 'libx264');
  assert.match(after.reason ?? '', /^h264_v4l2m2m: its pictures are not those of the camera/);
  const probed = rig.logs.of('encoder_probed').map(({ fields }) => fields['encoder']);
  assert.deepEqual(probed, ['h264_v4l2m2m', 'libx264']);
  assert.equal(desk.undecided('auto', VGA.job), false);
});

test('probe under way is ended when the desk closes, and blames no encoder for it', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'hangs', clip: 'works' });
  await using rig = new EncoderRig();
  const desk = await rig.desk({ ffmpeg: ffmpeg.program, roots: ffmpeg.roots });
  desk.consider('auto', VGA.job, VGA.pictures);
  await desk[Symbol.asyncDispose]();
  assert.deepEqual(ffmpegChildren(), []);
  assert.deepEqual(rig.logs.lines, []);
  assert.deepEqual(rig.files, []);
});

test('probe without ffmpeg says so once, and clips are copied', async () => {
  await using rig = new EncoderRig();
  const desk = await rig.desk({ ffmpeg: '/nonexistent/ffmpeg', roots: NO_DEVICES });
  desk.consider('auto', VGA.job, VGA.pictures);
  await untilIdle(desk);
  assert.equal(desk.choose('auto', VGA.job, []).encoder, 'copy');
  const said = rig.logs.of('encoder_probe_failed').map(({ fields }) => fields['code']);
  assert.deepEqual(said, ['missing_program']);
});

test('pictures that cannot be decoded are no fault of the encoders', async () => {
  await using rig = new EncoderRig();
  const desk = await rig.desk({ roots: NO_DEVICES });
  const jpegs = VGA.pictures.jpegs.map((jpeg) => jpeg.slice(0, 200));
  desk.consider('auto', VGA.job, { ...VGA.pictures, jpegs });
  await untilIdle(desk);
  assert.deepEqual(rig.logs.of('encoder_probed'), []);
  assert.equal(rig.logs.of('encoder_probe_failed')[0]?.fields['code'], 'pictures_corrupt');
});

test('machine too busy to decode for a probe is told as that: it is a verdict neither on the encoder nor on the camera', async () => {
  using ffmpeg = new FakeFfmpeg({ probe: 'works', clip: 'works' });
  ffmpeg.hangInDecoding();
  await using rig = new EncoderRig();
  const desk = await rig.desk({ ffmpeg: ffmpeg.program, roots: ffmpeg.roots, limitMs: 250 });
  desk.consider('auto', VGA.job, VGA.pictures);
  await untilIdle(desk);
  assert.deepEqual(rig.logs.of('encoder_probed'), []);
  const { code, problem } = rig.logs.of('encoder_probe_failed')[0]!.fields;
  assert.equal(code, 'timed_out');
  assert.match(String(problem), /ffmpeg did not finish within 1 s/);
  assert.deepEqual(ffmpegChildren(), []);
  assert.deepEqual(rig.files, [], 'no files of probes are left');
});
