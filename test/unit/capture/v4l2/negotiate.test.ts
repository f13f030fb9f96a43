import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { negotiate } from '../../../../src/capture/v4l2/negotiate.ts';
import { fourcc } from '../../../../src/v4l2/fourcc.ts';
import {
  VIDIOC_ENUM_FMT,
  VIDIOC_G_FMT,
  VIDIOC_G_PARM,
  VIDIOC_S_FMT,
  VIDIOC_S_PARM,
} from '../../../../src/v4l2/ioctl-numbers.ts';
import { V4L2_CAP_TIMEPERFRAME } from '../../../../src/v4l2/kernel-constants.ts';
import { FMTDESC, FORMAT, STREAMPARM } from '../../../../src/v4l2/struct-layouts.ts';
import { ScriptedDriver } from '../../../support/scripted-driver.ts';

const { EBUSY, EINVAL, EIO, ENOTTY } = constants.errno;
const WANTED = { format: 'auto', width: 640, height: 480, fps: 30, range: 'auto' } as const;

/** Offers MJPG and YUYV, in no particular sizes; `refusals`: what it answers to S_FMT, by format. */
function camera(refusals: Readonly<Record<string, number>>): ScriptedDriver {
  const driver = new ScriptedDriver();
  driver.on(VIDIOC_ENUM_FMT, (argument) => {
    const name = ['MJPG', 'YUYV'][argument.readUInt32LE(FMTDESC.at.index)];
    if (name === undefined) return EINVAL;
    argument.writeUInt32LE(fourcc(name), FMTDESC.at.pixelformat);
    return 0;
  });
  driver.on(VIDIOC_G_FMT, () => 0);
  driver.on(VIDIOC_S_FMT, (argument) => {
    const pixelFormat = argument.toString(
      'latin1',
      FORMAT.at['fmt.pix.pixelformat'],
      FORMAT.at['fmt.pix.pixelformat'] + 4,
    );
    if (pixelFormat === 'YUYV') {
      argument.writeUInt32LE(2 * WANTED.width, FORMAT.at['fmt.pix.bytesperline']);
      argument.writeUInt32LE(2 * WANTED.width * WANTED.height, FORMAT.at['fmt.pix.sizeimage']);
    }
    return refusals[pixelFormat] ?? 0;
  });
  return driver;
}

test('a mode that the driver refuses is left out, and the next one is tried', async () => {
  const { fourcc: given, why, raw } = await negotiate(await camera({ MJPG: EINVAL }).open(), WANTED);
  assert.deepEqual([given, raw?.geometry.bytes], ['YUYV', 640 * 480 * 2]);
  assert.match(why, /it comes after JPEG.*; MJPG refused: .*refuses the values \(EINVAL\)/);
});

test('a camera that refuses all modes is told with each refusal', async () => {
  const device = await camera({ MJPG: EINVAL, YUYV: ENOTTY }).open();
  const message = /no pictures that can be sent.*MJPG refused: .*EINVAL.*YUYV refused: .*ENOTTY/;
  await assert.rejects(negotiate(device, WANTED), { code: 'unsupported', message });
});

for (const [errno, code] of [
  [EIO, 'device_failed'],
  [EBUSY, 'device_busy'],
] as const) {
  test(`a camera that answers ${code} is asked for no other mode`, async () => {
    await assert.rejects(negotiate(await camera({ MJPG: errno }).open(), WANTED), { code });
  });
}

for (const errno of [EINVAL, ENOTTY]) {
  test(`a camera that has no say in its rate (errno ${errno}) is taken to give the wanted one`, async () => {
    const driver = camera({});
    driver.on(VIDIOC_S_PARM, () => errno);
    driver.on(VIDIOC_G_PARM, () => errno);
    const { fps, isAsWanted } = await negotiate(await driver.open(), WANTED);
    assert.deepEqual([fps, isAsWanted], [undefined, true]);
  });
}

test('a camera that takes no rate is told with the one it has', async () => {
  const driver = camera({});
  driver.on(VIDIOC_S_PARM, () => EINVAL);
  driver.on(VIDIOC_G_PARM, (argument) => {
    argument.writeUInt32LE(V4L2_CAP_TIMEPERFRAME, STREAMPARM.at['parm.capture.capability']);
    argument.writeUInt32LE(1, STREAMPARM.at['parm.capture.timeperframe.numerator']);
    argument.writeUInt32LE(25, STREAMPARM.at['parm.capture.timeperframe.denominator']);
    return 0;
  });
  const { fps, isAsWanted } = await negotiate(await driver.open(), WANTED);
  assert.deepEqual([fps, isAsWanted], [25, false]);
});
