import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CameraHealth, cameraChecks, hostChecks, mqttCheck, overallStatus } from '../../../src/health/checks.ts';
import type { HostReadings } from '../../../src/health/readings.ts';

const MB = 2 ** 20;
const LEAST_FREE = 256 * MB;
const FINE: HostReadings = {
  process: { rssBytes: 60 * MB, cpuPercent: 5, loopLagP99Ms: 2, loopLagMaxMs: 9 },
  memory: { totalBytes: 512 * MB, availableBytes: 200 * MB },
  disk: { totalBytes: 30_000 * MB, freeBytes: 8000 * MB, writable: true },
  temperature: { celsius: 55, zone: 'cpu-thermal' },
  throttling: { bits: 0 },
  clockSynced: true,
};

test('checks are all ok when nothing is wrong', () => {
  const checks = hostChecks(FINE, LEAST_FREE);
  assert.deepEqual(
    checks.map(({ id, status }) => `${id} ${status}`),
    ['power ok', 'temperature ok', 'memory ok', 'disk ok', 'loop ok', 'clock ok'],
  );
  assert.equal(overallStatus(checks), 'ok');
});

test('disk is fine with what retention leaves free, however little that is', () => {
  const disk = { totalBytes: 30_000 * MB, freeBytes: 37 * MB, writable: true };
  assert.equal(overallStatus(hostChecks({ ...FINE, disk }, 16 * MB)), 'ok');
});

test('checks leave out what the machine does not tell', () => {
  const { process, disk } = FINE;
  assert.deepEqual(
    hostChecks({ process, disk: disk! }, LEAST_FREE).map(({ id }) => id),
    ['disk', 'loop'],
  );
});

const cases: [Partial<HostReadings>, string, 'warn' | 'fail', string][] = [
  [{ throttling: { bits: 0x5_0005 } }, 'power', 'warn', 'undervoltage_now'],
  [{ throttling: { bits: 0x5_0000 } }, 'power', 'warn', 'undervoltage_since_boot'],
  [{ throttling: { bits: 0x4 } }, 'temperature', 'warn', 'throttled_now'],
  [{ temperature: { celsius: 80, zone: 'z' } }, 'temperature', 'warn', 'hot'],
  [{ temperature: { celsius: 95, zone: 'z' } }, 'temperature', 'fail', 'too_hot'],
  [{ memory: { totalBytes: 512 * MB, availableBytes: 63 * MB } }, 'memory', 'warn', 'memory_low'],
  [{ memory: { totalBytes: 512 * MB, availableBytes: 23 * MB } }, 'memory', 'fail', 'memory_exhausted'],
  [{ disk: { totalBytes: 1, freeBytes: 255 * MB, writable: true } }, 'disk', 'warn', 'disk_low'],
  [{ disk: { totalBytes: 1, freeBytes: 31 * MB, writable: true } }, 'disk', 'fail', 'disk_full'],
  [{ disk: { totalBytes: 1, freeBytes: 8000 * MB, writable: false } }, 'disk', 'fail', 'disk_read_only'],
  [{ process: { ...FINE.process, loopLagP99Ms: 200 } }, 'loop', 'warn', 'loop_slow'],
  [{ process: { ...FINE.process, loopLagP99Ms: 2000 } }, 'loop', 'fail', 'loop_stuck'],
  [{ clockSynced: false }, 'clock', 'warn', 'clock_unsynced'],
];

for (const [reading, id, status, code] of cases) {
  test(`check ${id} is ${status} with ${code} when it reads ${JSON.stringify(reading)}`, () => {
    const checks = hostChecks({ ...FINE, ...reading }, LEAST_FREE);
    const check = checks.find((candidate) => candidate.id === id)!;
    assert.deepEqual([check.status, check.code], [status, code]);
    assert.ok(check.hint);
    assert.equal(overallStatus(checks), status === 'fail' ? 'failed' : 'degraded');
  });
}

const camera = (id: string, state: CameraHealth['state'], lastFrameMs = 30, fps = 30): CameraHealth => ({
  id,
  state,
  lastFrameMs,
  fps,
  warnings: [],
});

test('lost camera is a warning while another one streams, and a failure when none does', () => {
  assert.deepEqual(
    cameraChecks([camera('a', 'streaming'), camera('b', 'lost')]).map(({ status }) => status),
    ['ok', 'warn'],
  );
  assert.deepEqual(
    cameraChecks([camera('a', 'failed'), camera('b', 'lost')]).map(({ id, status, code }) => [id, status, code]),
    [
      ['camera.a', 'fail', 'camera_failed'],
      ['camera.b', 'fail', 'camera_lost'],
    ],
  );
});

test('streaming camera without pictures for three seconds is a warning', () => {
  assert.equal(cameraChecks([camera('a', 'streaming', 3001)])[0]!.code, 'camera_stalled');
  assert.equal(cameraChecks([camera('a', 'starting', 9000)])[0]!.status, 'ok');
});

test('streaming camera of few pictures a second is warned of after five of its periods', () => {
  assert.equal(cameraChecks([camera('a', 'streaming', 38_000, 0.13)])[0]!.status, 'ok');
  assert.equal(cameraChecks([camera('a', 'streaming', 39_000, 0.13)])[0]!.code, 'camera_stalled');
});

test('recovering camera is a warning, also when it is the only one', () => {
  assert.deepEqual(
    cameraChecks([camera('a', 'recovering')]).map(({ status, code }) => [status, code]),
    [['warn', 'camera_recovering']],
  );
});

for (const warning of ['corrupt', 'frozen', 'dark'] as const) {
  test(`streaming camera whose pictures are ${warning} is a warning`, () => {
    const [check] = cameraChecks([{ ...camera('a', 'streaming'), warnings: [warning] }]);
    assert.deepEqual([check?.status, check?.code], ['warn', `camera_${warning}`]);
  });
}

test('missing broker degrades the box only', () => {
  assert.deepEqual([mqttCheck(true).status, mqttCheck(false).status], ['ok', 'warn']);
});
