import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/cli/cli-command.ts';
import { wallTimeOption } from '../../../src/cli/wall-time-option.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const read = (value: string): string | undefined => wallTimeOption('since', value, NOW);

test('a time may be so long ago', () => {
  assert.deepEqual(['30s', '1.5m', '2h', '7d'].map(read), [
    '2026-11-21T11:59:30.000Z',
    '2026-11-21T11:58:30.000Z',
    '2026-11-21T10:00:00.000Z',
    '2026-11-14T12:00:00.000Z',
  ]);
  assert.equal(wallTimeOption('since', undefined, NOW), undefined);
});

test('a day begins at midnight of local time, as its hours are of local time', () => {
  const before = process.env['TZ'];
  process.env['TZ'] = 'Asia/Tokyo';
  try {
    assert.equal(read('2026-11-21'), '2026-11-20T15:00:00.000Z');
    assert.equal(read('2026-11-21T00:00'), '2026-11-20T15:00:00.000Z');
    assert.equal(read('2026-11-21T00:00Z'), '2026-11-21T00:00:00.000Z');
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
});

for (const value of ['', 'x', '7', '7w', '-2h', '2026-13-01', '99999999999999999d']) {
  test(`no time: ${JSON.stringify(value)}`, () => {
    assert.throws(() => read(value), UsageError);
  });
}
