import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../../src/base/logger.ts';
import { RareWarning } from '../../../src/stream/rare-warning.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('a rare warning is written when it is new and then once a minute', async () => {
  const clock = new FakeClock();
  const lines: unknown[] = [];
  const warning = new RareWarning('rtp_test', {
    clock,
    logger: { ...SILENT, warn: (event, fields) => lines.push([event, fields]) },
  });
  let count = 0;
  const note = (isNew: boolean): void => warning.note(isNew, () => ({ count }));
  for (count = 1; count <= 100; count++) note(count === 1);
  note(true);
  await clock.advance(60_000);
  note(false);
  assert.deepEqual(lines, [
    ['rtp_test', { count: 1 }],
    ['rtp_test', { count: 101 }],
    ['rtp_test', { count: 101 }],
  ]);
});
