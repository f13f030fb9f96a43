import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retentionCheck } from '../../../../src/app/shelf/retention-check.ts';

const STUCK = { name: 'one', problem: 'cannot delete one.mp4: EIO' };

test('check of retention names a file that cannot be removed', () => {
  const { status, code, hint = '' } = retentionCheck({ level: 'ok', stuck: [STUCK, { ...STUCK, name: 'two' }] });
  assert.deepEqual([status, code], ['warn', 'retention_failed']);
  assert.match(hint, /cannot delete one\.mp4: EIO \(and 1 more\)/);
});

test('check of retention tells first that nothing is recorded', () => {
  assert.equal(retentionCheck({ level: 'full', stuck: [STUCK] }).code, 'retention_full');
  assert.equal(retentionCheck({ level: 'low', stuck: [] }).code, 'retention_low');
  assert.equal(retentionCheck({ level: 'ok', stuck: [] }).status, 'ok');
});
