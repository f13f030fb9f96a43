import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_RAW, EncoderChoice, type RawOptions } from '../../../../src/capture/raw/encoder-choice.ts';
import type { JpegEncoder } from '../../../../src/capture/raw/jpeg-encoder.ts';
import { RAW_FOURCCS, RAW_LAYOUTS } from '../../../../src/capture/raw/raw-layout.ts';
import { trialEncode } from '../../../../src/capture/raw/trial-encode.ts';
import { trialPicture } from '../../../../src/capture/raw/trial-picture.ts';
import { openTurboJpeg } from '../../../../src/capture/raw/turbojpeg/turbojpeg-encoder.ts';
import type { Colorimetry } from '../../../../src/v4l2/colorimetry.ts';
import { AS_IS, rawPictureOf } from '../../../support/encode-once.ts';
import { type Fault, ScriptedMachine } from '../../../support/scripted-machine.ts';

const SIZE = { width: 160, height: 120, bytesPerLine: 0 };
const LIMITED: Colorimetry = { matrix: 'bt601', range: 'limited' };
const PICTURE = rawPictureOf({ fourcc: 'YUYV', ...SIZE }, LIMITED);

function setUp(fault: Fault = {}, options: Partial<RawOptions> = {}, fps?: number) {
  const machines: ScriptedMachine[] = [];
  const choice = new EncoderChoice(async (picture, _, desks) => {
    const machine = new ScriptedMachine(picture);
    machine.fault = fault;
    machines.push(machine);
    return machine.encoder(desks);
  });
  const demand = { picture: PICTURE, fps, options: { ...DEFAULT_RAW, ...options } };
  return { choice, demand, machines };
}

test('EncoderChoice takes hardware that passes its test', async () => {
  const { choice, demand, machines } = setUp();
  const { encoder, why } = await choice.open(demand);
  assert.equal(encoder.name, 'scripted machine');
  assert.match(why, /^it passed its test with [\d.]+ ms a picture$/);
  assert.equal(machines[0]?.lent, 0);
  await encoder[Symbol.asyncDispose]();
  assert.deepEqual(
    machines.map(({ closed }) => closed),
    [1],
  );
});

for (const [what, fault, reason] of [
  ['gives nothing', { silent: true }, /it made nothing for 2000 ms/],
  ['marks its pictures as damaged', { damaged: true }, /marks the picture as damaged/],
  ['exchanges channels', { swapped: true }, /looks different \([\d.]+ dB\)/],
  ['makes pictures of another size', { wholeMcus: true }, /makes 160x128 of 160x120/],
  ['makes no JPEG', { noJpeg: true }, /is no JPEG \(no_soi\)/],
] as const) {
  test(`EncoderChoice takes software instead of hardware that ${what}, and says so`, async () => {
    const { choice, demand, machines } = setUp(fault);
    const { encoder, why } = await choice.open(demand);
    assert.equal(encoder.name, 'libjpeg-turbo');
    assert.match(why, /^scripted machine failed its test: /);
    assert.match(why, reason);
    assert.deepEqual(
      machines.map(({ closed, lent }) => [closed, lent]),
      [[1, 0]],
    );
    await encoder[Symbol.asyncDispose]();
  });
}

test('EncoderChoice takes software instead of hardware that is slower than the camera', async () => {
  const { choice, demand, machines } = setUp({ slowMs: 120 }, {}, 30);
  const { encoder, why } = await choice.open(demand);
  assert.match(why, /^scripted machine is too slow: [\d.]+ ms a picture$/);
  assert.deepEqual(
    machines.map(({ closed }) => closed),
    [1],
  );
  await encoder[Symbol.asyncDispose]();
});

test('EncoderChoice takes software, and does not look for hardware, when the config wants that', async () => {
  const { choice, demand, machines } = setUp({}, { encoder: 'software' });
  const { encoder, why } = await choice.open(demand);
  assert.deepEqual([encoder.name, why, machines.length], ['libjpeg-turbo', 'the config wants software', 0]);
  await encoder[Symbol.asyncDispose]();
});

test('EncoderChoice takes software where there is no hardware, with the reason', async () => {
  const { demand } = setUp();
  const { encoder, why } = await new EncoderChoice(async () => 'no such thing here').open(demand);
  assert.deepEqual([encoder.name, why], ['libjpeg-turbo', 'no such thing here']);
  await encoder[Symbol.asyncDispose]();
});

test('EncoderChoice does not try hardware again that failed in use', async () => {
  const { choice, demand, machines } = setUp();
  const first = await choice.open(demand);
  choice.blame(first.encoder, 'it made nothing for 2000 ms');
  await first.encoder[Symbol.asyncDispose]();
  const second = await choice.open(demand);
  assert.equal(second.encoder.name, 'libjpeg-turbo');
  assert.equal(second.why, 'scripted machine failed in use: it made nothing for 2000 ms');
  assert.equal(machines.length, 1);
  await second.encoder[Symbol.asyncDispose]();
});

test('A sound machine passes the test encode with every format, of full and of limited range, also of odd size', async () => {
  for (const fourcc of RAW_FOURCCS) {
    const isRgb = RAW_LAYOUTS[fourcc]?.kind === 'pixels';
    for (const colours of isRgb ? [AS_IS] : [AS_IS, LIMITED]) {
      for (const [width, height] of [
        [160, 120],
        [97, 65],
      ] as const) {
        const picture = rawPictureOf({ fourcc, width, height, bytesPerLine: 0 }, colours);
        await using candidate = new ScriptedMachine(picture).encoder(1);
        await using reference = openTurboJpeg(picture, 85, 1);
        const trial = await trialEncode(candidate, reference, picture);
        assert.ok(!('reason' in trial), `${fourcc} ${colours.range} ${width}x${height}: ${JSON.stringify(trial)}`);
      }
    }
  }
});

test('The test encode does not mind that a machine makes 4:2:0 of 4:2:2, or another quality', async () => {
  const size = { width: 160, height: 120, bytesPerLine: 0 };
  const reference = rawPictureOf({ fourcc: '422P', ...size });
  await using software = openTurboJpeg(reference, 85, 1);
  for (const [fourcc, quality] of [
    ['YUYV', 60],
    ['YU12', 85],
    ['NV12', 60],
  ] as const) {
    const picture = rawPictureOf({ fourcc, ...size });
    await using other = openTurboJpeg(picture, quality, 1);
    const [desk] = other.desks;
    const candidate: JpegEncoder = {
      ...other,
      desks: [{ load: () => desk!.load(trialPicture(picture)), encode: (out) => desk!.encode(out) }],
    };
    const trial = await trialEncode(candidate, software, reference);
    assert.ok(!('reason' in trial), `${fourcc}: ${JSON.stringify(trial)}`);
  }
});

test('A machine that takes limited range for full does not pass the test encode', async () => {
  for (const fourcc of ['YUYV', 'NV12', 'GREY']) {
    const picture = rawPictureOf({ fourcc, ...SIZE }, LIMITED);
    await using candidate = new ScriptedMachine({ ...picture, colours: AS_IS }).encoder(1);
    await using reference = openTurboJpeg(picture, 85, 1);
    const trial = await trialEncode(candidate, reference, picture);
    assert.match(JSON.stringify(trial), /looks different/, fourcc);
  }
});
