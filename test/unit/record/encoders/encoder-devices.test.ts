import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findEncoderDevices } from '../../../../src/record/encoders/encoder-devices.ts';
import { profileOf } from '../../../../src/record/encoders/encoder-order.ts';
import { FakeFfmpeg } from '../../../support/fake-ffmpeg.ts';

test('devices of an encoder are the nodes that begin as its patterns do', async () => {
  using machine = new FakeFfmpeg({ probe: 'works', clip: 'works' });
  const paths = async (name: Parameters<typeof profileOf>[0]): Promise<string[]> =>
    (await findEncoderDevices(profileOf(name), machine.roots)).map(({ path }) => path);
  assert.deepEqual(await paths('h264_v4l2m2m'), ['/dev/video11']);
  assert.deepEqual(await paths('h264_vaapi'), []);
  assert.deepEqual(await paths('libx264'), []);
});

test('devices of an encoder have the name that their driver gives them, and cameras are none', async () => {
  using machine = new FakeFfmpeg({ probe: 'works', clip: 'works' });
  const sysfs = join(machine.roots.sys, 'dev/char/0:0'); // the number of a node that is a plain file
  mkdirSync(join(sysfs, 'device'), { recursive: true });
  writeFileSync(join(sysfs, 'name'), 'bcm2835-codec-encode\n');
  const find = () => findEncoderDevices(profileOf('h264_v4l2m2m'), machine.roots);
  assert.deepEqual(await find(), [{ path: '/dev/video11', name: 'bcm2835-codec-encode' }]);
  symlinkSync('/sys/bus/usb/drivers/uvcvideo', join(sysfs, 'device/driver'));
  assert.deepEqual(await find(), []);
});

test('devices of this machine are found by their real numbers in sysfs', async () => {
  // /dev/null is there everywhere: 1:3, without a driver or a name of its own
  const found = await findEncoderDevices({ ...profileOf('h264_vaapi'), devices: ['/dev/nul'] });
  assert.deepEqual(found, [{ path: '/dev/null', name: '' }]);
});
