import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { warmLibraries } from '../../../src/record/memory/warm-libraries.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { ffmpegChildren } from '../../support/recorder-rig.ts';

test('the libraries are warmed by a real encode to nowhere', async () => {
  const logs = new LogCollector();
  await warmLibraries('ffmpeg', SYSTEM_CLOCK, logs);
  assert.deepEqual(logs.lines, [{ level: 'debug', event: 'libraries_warm', fields: { code: 0, stderr: '' } }]);
  assert.deepEqual(ffmpegChildren(), []);
});

test('a missing ffmpeg is no news here', async () => {
  const logs = new LogCollector();
  await warmLibraries('/nonexistent/ffmpeg', SYSTEM_CLOCK, logs);
  assert.deepEqual(logs.events, ['libraries_not_warm']);
});
