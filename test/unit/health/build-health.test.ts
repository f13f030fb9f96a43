import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs, wallMs } from '../../../src/base/units.ts';
import { buildHealth } from '../../../src/health/build-health.ts';

const MB = 2 ** 20;

test('report holds every figure there is, in megabytes and milliseconds', () => {
  const report = buildHealth({
    leastFreeBytes: 256 * MB,
    seq: 918,
    mono: monoUs(83_012_345_678),
    wall: wallMs(Date.UTC(2025, 0, 2)),
    readings: {
      process: { rssBytes: 64 * MB, cpuPercent: 12.5, loopLagP99Ms: 6, loopLagMaxMs: 40 },
      memory: { totalBytes: 4000 * MB, availableBytes: 3100 * MB },
      disk: { totalBytes: 30_000 * MB, freeBytes: 8123 * MB, writable: true },
      temperature: { celsius: 71.2, zone: 'cpu-thermal' },
      throttling: { bits: 0x5_0000 },
      clockSynced: true,
    },
    cameras: [
      {
        id: 'front',
        state: 'streaming',
        warnings: [],
        lastFrameMs: 31,
        fps: 30,
        details: { fps: 29.97, state: 'old' },
      },
    ],
    mqtt: { connected: true, reconnects_1h: 1 },
    clips: { recording: 1 },
    otherChecks: [{ id: 'ffmpeg', status: 'ok' }],
  });
  const { checks, ...rest } = report;
  assert.deepEqual(rest, {
    status: 'degraded',
    seq: 918,
    ts: '2025-01-02T00:00:00.000Z',
    mono_ms: 83_012_345,
    clock: { synced: true },
    proc: { rss_mb: 64, cpu_pct: 12.5, loop_lag_p99_ms: 6, loop_lag_max_ms: 40 },
    host: { temp_c: 71.2, temp_zone: 'cpu-thermal', throttled: '0x50000', mem_avail_mb: 3100, mem_total_mb: 4000 },
    disk: { free_mb: 8123, total_mb: 30_000, read_only: false },
    mqtt: { connected: true, reconnects_1h: 1 },
    cams: { front: { fps: 29.97, state: 'streaming', last_frame_ms: 31 } },
    clips: { recording: 1 },
  });
  assert.deepEqual(
    checks.filter(({ status }) => status !== 'ok').map(({ code }) => code),
    ['undervoltage_since_boot'],
  );
  assert.equal(checks.at(-1)!.id, 'ffmpeg');
});

test('report leaves out what there is not', () => {
  const report = buildHealth({
    leastFreeBytes: 256 * MB,
    seq: 1,
    mono: monoUs(0),
    wall: wallMs(0),
    readings: { process: { rssBytes: 0, cpuPercent: 0, loopLagP99Ms: 0, loopLagMaxMs: 0 } },
    cameras: [{ id: 'front', state: 'lost', warnings: [], lastFrameMs: undefined, fps: 30, details: {} }],
    mqtt: undefined,
  });
  assert.deepEqual(report.cams, { front: { state: 'lost', last_frame_ms: null } });
  assert.deepEqual(report.clock, { synced: null });
  assert.equal(report.status, 'failed');
  assert.ok(!('mqtt' in report) && !('disk' in report) && !('clips' in report));
});
