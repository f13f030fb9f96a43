import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../../src/base/logger.ts';
import { RareWarning } from '../../../src/stream/rare-warning.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A warning with the lines it wrote, and in which minute. */
function warned() {
  const clock = new FakeClock();
  const start = clock.now();
  const lines: unknown[] = [];
  const minutes: number[] = [];
  const warn = (event: string, fields?: object): void => {
    lines.push([event, fields]);
    minutes.push((clock.now() - start) / 60e6);
  };
  return { warning: new RareWarning('rtp_test', { clock, logger: { ...SILENT, warn } }), clock, lines, minutes };
}

test('a rare warning is written when it is new, after a minute, and then ever more rarely', async () => {
  const { warning, lines } = warned();
  let count = 0;
  const note = (isNew: boolean): void => warning.note(isNew, () => ({ count }));
  for (count = 1; count <= 100; count++) note(count === 1);
  note(true);
  assert.deepEqual(lines, [
    ['rtp_test', { count: 1 }],
    ['rtp_test', { count: 101 }],
  ]);
});

test('a rare warning that never stops is written after a minute, then ever more rarely, up to once an hour', async () => {
  const { warning, clock, minutes } = warned();
  for (let minute = 0; minute < 24 * 60; minute++) {
    warning.note(false, () => ({}));
    await clock.advance(60_000);
  }
  assert.deepEqual(minutes.slice(0, 9), [0, 1, 3, 7, 15, 31, 63, 123, 183]);
  assert.equal(minutes.length, 29);
});

test('a rare warning is new again after an hour of quiet', async () => {
  const { warning, clock, minutes } = warned();
  for (const quietMinutes of [1, 1, 60, 1]) {
    warning.note(false, () => ({}));
    await clock.advance(quietMinutes * 60_000);
  }
  assert.deepEqual(minutes, [0, 1, 62]);
});
