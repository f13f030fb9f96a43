import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retentionCheck } from '../../../../src/app/shelf/retention-check.ts';

const FINE = { level: 'ok', stuck: [], lacksClock: false } as const;
const STUCK = { name: 'one', problem: 'cannot delete one.mp4: EIO' };

test('check of retention names a file that cannot be removed', () => {
  const { status, code, hint = '' } = retentionCheck({ ...FINE, stuck: [STUCK, { ...STUCK, name: 'two' }] });
  assert.deepEqual([status, code], ['warn', 'retention_failed']);
  assert.match(hint, /cannot delete one\.mp4: EIO \(and 1 more\)/);
});

test('check of retention tells first that nothing is recorded', () => {
  assert.equal(retentionCheck({ ...FINE, level: 'full', stuck: [STUCK] }).code, 'retention_full');
  assert.equal(retentionCheck({ ...FINE, level: 'low' }).code, 'retention_low');
  assert.equal(retentionCheck(FINE).status, 'ok');
});

test('check of retention says when no clip goes by age for want of a clock', () => {
  assert.equal(retentionCheck({ ...FINE, lacksClock: true }).code, 'retention_clock_unknown');
  assert.equal(retentionCheck({ ...FINE, level: 'low', lacksClock: true }).code, 'retention_low');
});
