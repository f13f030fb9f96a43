import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/cli/cli-command.ts';
import { videoTimeOption } from '../../../src/cli/video-time-option.ts';

const TIMES: Readonly<Record<string, number>> = {
  '90': 90e6,
  '90.5': 90.5e6,
  '.5': 0.5e6,
  '90s': 90e6,
  '1.5m': 90e6,
  '2h': 7200e6,
  '1:30': 90e6,
  '1:02:03.25': 3723.25e6,
  '0:00.040': 40_000,
};

for (const [text, us] of Object.entries(TIMES)) {
  test(`the time ${text} is ${us} us`, () => {
    assert.equal(videoTimeOption('start', text), us);
  });
}

for (const text of ['', 'x', '-1', '1e3', '1:60', '1:2:3:4', '1:', ':30', '5d', '99999999', ' 1', '1 2']) {
  test(`${JSON.stringify(text)} is no time`, () => {
    assert.throws(() => videoTimeOption('start', text), UsageError);
  });
}
