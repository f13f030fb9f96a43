import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConditions } from '../../../src/jobs/conditions.ts';
import { GOOD_CONDITIONS } from '../../../src/jobs/scheduler.ts';

const STALLED = (pct: number): string =>
  `some avg10=${pct.toFixed(2)} avg60=0.10 avg300=0.00 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`;

test('conditions are read from procfs', () => {
  const root = mkdtempSync(join(tmpdir(), 'cambox-proc-'));
  mkdirSync(join(root, 'pressure'));
  writeFileSync(join(root, 'meminfo'), 'MemTotal:  500000 kB\nMemFree: 10 kB\nMemAvailable:   2048 kB\n');
  for (const [pct, pressed] of [
    [0, false],
    [9.99, false],
    [10, true],
  ] as const) {
    writeFileSync(join(root, 'pressure/memory'), STALLED(pct));
    assert.deepEqual(readConditions(root), { availableBytes: 2 * 2 ** 20, pressed });
  }
  rmSync(root, { recursive: true });
});

test('conditions are good where nothing tells of them', () => {
  assert.deepEqual(readConditions('/nonexistent'), GOOD_CONDITIONS);
});

test('conditions of this machine have a figure', () => {
  assert.ok(readConditions().availableBytes > 2 ** 20);
  assert.ok(readConditions().availableBytes < 2 ** 44);
});
