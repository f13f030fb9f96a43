import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { V4l2Device } from '../../../src/v4l2/device.ts';
import { busyError, errnoError } from '../../../src/v4l2/errors.ts';
import { findHolders } from '../../../src/v4l2/holders.ts';

// What needs a camera is in test/vm/guest/v4l2-check.ts.
const { EACCES, EINVAL, EIO, ENODEV, ENOSPC, ENOTTY } = constants.errno;

for (const [path, code, message] of [
  ['/dev/video-none', 'not_found', /it does not exist \(ENOENT\)\. .*video device/],
  ['/dev/null/video0', 'not_found', /it does not exist \(ENOTDIR\)/],
  ['/dev/null', 'unsupported', /it is a character device of major 1, not a video device\. .*video device/],
  [import.meta.filename, 'unsupported', /it is a regular file, not a video device/],
  [import.meta.dirname, 'unsupported', /it is a directory, not a video device/],
] as const) {
  test(`V4l2Device.open throws ${code} for ${path.split('/').slice(-2).join('/')}, and leaks no descriptor`, async () => {
    const descriptors = readdirSync('/proc/self/fd').length;
    await assert.rejects(V4l2Device.open(path), { name: 'CamboxError', code, message });
    assert.equal(readdirSync('/proc/self/fd').length, descriptors);
  });
}

for (const [errno, code, message] of [
  [ENODEV, 'device_lost', /Cannot stream from \/dev\/video0 as the device is gone \(ENODEV\)/],
  [EIO, 'device_failed', /the device failed \(EIO\)/],
  [ENOSPC, 'no_bandwidth', /no bandwidth left for it \(ENOSPC\)\. Plug it into a port of another USB controller/],
  [EACCES, 'not_permitted', /no permission \(EACCES\)\. Add the user to the group video/],
  [EINVAL, 'unsupported', /refuses the values \(EINVAL\)/],
  [ENOTTY, 'unsupported', /does not have this function \(ENOTTY\)/],
] as const) {
  test(`errnoError makes errno ${errno} a ${code}`, () => {
    const error = errnoError('stream from', '/dev/video0', errno);
    assert.equal(error.code, code);
    assert.match(error.message, message);
  });
}

test('busyError names the program that has the device open, also when asked by a link to it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holders-'));
  const [file, link] = [join(folder, 'device'), join(folder, 'link')];
  writeFileSync(file, 'x');
  symlinkSync(file, link);
  const holder = spawn('tail', ['-f', file], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(holder.stdout, 'data'); // it has opened the file
    assert.deepEqual((await findHolders(link)).get(link), [{ pid: holder.pid, command: 'tail' }]);
    const error = await busyError('set the format of', link);
    assert.equal(error.code, 'device_busy');
    assert.match(error.message, new RegExp(`It is open in: tail \\(pid ${holder.pid}\\)`));
  } finally {
    holder.kill();
    rmSync(folder, { recursive: true });
  }
});

test('busyError tells how to find the program when it may not see it', async () => {
  const error = await busyError('set the format of', '/dev/video-none');
  assert.match(error.message, /Find it with: sudo fuser -v \/dev\/video-none/);
});
