import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { judge } from '../../../../src/app/recovery/judgement.ts';
import { CamboxError } from '../../../../src/base/errors.ts';
import { followSignal } from '../../../../src/capture/v4l2/follow-signal.ts';
import {
  VIDIOC_ENUMINPUT,
  VIDIOC_G_INPUT,
  VIDIOC_QUERY_DV_TIMINGS,
  VIDIOC_S_DV_TIMINGS,
} from '../../../../src/v4l2/ioctl-numbers.ts';
import { V4L2_IN_CAP_DV_TIMINGS } from '../../../../src/v4l2/kernel-constants.ts';
import { DV_TIMINGS, INPUT } from '../../../../src/v4l2/struct-layouts.ts';
import { ScriptedDriver } from '../../../support/scripted-driver.ts';

const { EBUSY, EINVAL, EIO, ENOLCK, ENOLINK, ERANGE } = constants.errno;
const HDMI = 1;

/** A grabber with a webcam's input and an HDMI one. `set`: the timings that it was set to. */
function grabber({ input = HDMI, signal = 0 } = {}) {
  const driver = new ScriptedDriver();
  const set: number[] = [];
  driver.on(VIDIOC_ENUMINPUT, (argument) => {
    const index = argument.readUInt32LE(INPUT.at.index);
    argument.write(['Webcam', 'HDMI 0'][index] ?? '', INPUT.at.name);
    if (index === HDMI) argument.writeUInt32LE(V4L2_IN_CAP_DV_TIMINGS, INPUT.at.capabilities);
    return index > HDMI ? EINVAL : 0;
  });
  driver.on(VIDIOC_G_INPUT, (argument) => {
    argument.writeUInt32LE(input);
    return 0;
  });
  driver.on(VIDIOC_QUERY_DV_TIMINGS, (argument) => {
    argument.writeUInt32LE(1920, DV_TIMINGS.at['bt.width']);
    argument.writeUInt32LE(1080, DV_TIMINGS.at['bt.height']);
    return signal;
  });
  driver.on(VIDIOC_S_DV_TIMINGS, (argument) => {
    set.push(argument.readUInt32LE(DV_TIMINGS.at['bt.width']));
    return 0;
  });
  return { driver, set };
}

test('a receiver is set to the signal that comes in', async () => {
  const { driver, set } = grabber();
  const followed = await followSignal(await driver.open());
  assert.deepEqual([followed?.input, followed?.timings.width, followed?.timings.height], [HDMI, 1920, 1080]);
  assert.deepEqual(set, [1920]);
});

for (const [errno, reason] of [
  [ENOLINK, /there is no signal on its input: received "HDMI 0"\. Check the cable/],
  [ENOLCK, /does not hold still/],
  [ERANGE, /more than it takes/],
] as const) {
  test(`a receiver without a signal (errno ${errno}) is no fault to recover from, and is not set`, async () => {
    const { driver, set } = grabber({ signal: errno });
    const error = await followSignal(await driver.open()).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof CamboxError);
    assert.deepEqual([error.code, judge(error), set], ['no_signal', 'blocked', []]);
    assert.match(error.message, reason);
  });
}

test('an input without a digital signal, and a camera that has no inputs, are left alone', async () => {
  const { driver, set } = grabber({ input: 0 });
  assert.equal(await followSignal(await driver.open()), undefined);
  assert.equal(await followSignal(await new ScriptedDriver().open()), undefined);
  assert.deepEqual(set, []);
});

test('a camera without digital inputs is not asked which it uses: some ask the hardware for that, and fail', async () => {
  const driver = new ScriptedDriver();
  driver.on(VIDIOC_ENUMINPUT, (argument) => (argument.readUInt32LE(INPUT.at.index) === 0 ? 0 : EINVAL));
  driver.on(VIDIOC_G_INPUT, () => EIO);
  assert.equal(await followSignal(await driver.open()), undefined);
});

test('a receiver that another program streams from is busy', async () => {
  const { driver } = grabber();
  driver.on(VIDIOC_S_DV_TIMINGS, () => EBUSY);
  await assert.rejects(followSignal(await driver.open()), { code: 'device_busy' });
});
