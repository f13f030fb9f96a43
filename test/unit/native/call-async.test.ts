import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callAsync } from '../../../src/native/call-async.ts';
import { deviceCalls } from '../../../src/native/device-calls.ts';
import { errnoName } from '../../../src/native/errno.ts';

test('callAsync tells the errno of its own call, whatever fails on the main thread meanwhile', async () => {
  const missing = callAsync(deviceCalls().open, '/no/such/file', 0, 0);
  const bad = callAsync(deviceCalls().close, -1);
  deviceCalls().ioctl(-1, 0, Buffer.alloc(8));
  assert.deepEqual([(await missing).result, errnoName((await missing).errno)], [-1, 'ENOENT']);
  assert.deepEqual([(await bad).result, errnoName((await bad).errno)], [-1, 'EBADF']);
});
