import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { TelemetryDesk, type TelemetryDeskOptions } from '../../../../src/app/telemetry/telemetry-desk.ts';
import { telemetrySample } from '../../../../src/app/telemetry/telemetry-sample.ts';
import { Backoff } from '../../../../src/base/backoff.ts';
import { TelemetryStore } from '../../../../src/catalog/telemetry/telemetry-store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { until } from '../../../support/until.ts';

const HOUR_MS = 3_600_000;

let dir: string;
let clock: FakeClock;
let logger: LogCollector;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cambox-desk-'));
  clock = new FakeClock();
  logger = new LogCollector();
});
afterEach(() => rmSync(dir, { recursive: true }));

const deskOf = (parts: Partial<TelemetryDeskOptions> = {}): TelemetryDesk =>
  new TelemetryDesk({
    ...{ dir, budgetBytes: 2 ** 24, prometheusFile: '', clock, logger, sample: () => ({ rss_mb: 64 }) },
    clockSynced: () => undefined,
    backoff: new Backoff({ firstMs: 10_000, maxMs: 10_000 }, () => 1),
    ...parts,
  });

const countOf = async (desk: TelemetryDesk): Promise<number> => {
  const now = clock.wall();
  const answer = await desk.query({ fromMs: now - HOUR_MS, untilMs: now + HOUR_MS, points: 1 });
  return answer.series[0]?.buckets.reduce((sum, bucket) => sum + bucket.count, 0) ?? 0;
};

/** Lets time pass until samples can be asked for; returns how many. */
async function written(desk: TelemetryDesk): Promise<number> {
  const giveUpAt = performance.now() + 15_000;
  for (let count = 0; ; ) {
    count = await countOf(desk).catch(() => 0);
    if (count > 0) return count;
    assert.ok(performance.now() < giveUpAt, 'nothing is ever written');
    await clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 1)); // the disk takes real time
  }
}

test('telemetry desk takes a sample each ten seconds, and has written them a minute later', async () => {
  await using desk = deskOf();
  desk.start();
  await until('it is open', () => readdirSync(dir).includes('telemetry.db-wal'));
  assert.equal((await written(desk)) % 6, 0);
});

test("telemetry desk keeps its samples where Prometheus' file cannot be written, and says so until it can", async () => {
  const folder = join(dir, 'late');
  await using desk = deskOf({ prometheusFile: join(folder, 'cambox.prom') });
  desk.start();
  await written(desk);
  assert.equal(logger.of('prometheus_not_written').length, 1);
  assert.equal(desk.checks().at(-1)?.code, 'prometheus_not_written');
  assert.equal(desk.checks()[0]?.status, 'ok');
  mkdirSync(folder);
  await until('it is there', () => {
    void clock.advance(10_000);
    return desk.checks().at(-1)?.status === 'ok';
  });
});

test('telemetry desk begins a file anew that is damaged while it is used', async () => {
  const path = join(dir, 'telemetry.db');
  const names = Array.from({ length: 15 }, (_, n) => `figure_${n}`);
  const values = Object.fromEntries(names.map((name) => [name, 1]));
  {
    await using store = await TelemetryStore.open(path, { budgetBytes: 2 ** 25 });
    for (let n = 3000; n > 0; n--) {
      store.add(clock.wall() - n * 10_000, values);
      if (n % 50 === 1) await store.flush(clock.wall());
    }
  }
  const file = openSync(path, 'r+');
  writeSync(file, randomFillSync(Buffer.alloc(statSync(path).size - 12_288)), 0, undefined, 12_288);
  closeSync(file);
  await using desk = deskOf();
  desk.start();
  await until('it has met the damage', () => {
    void clock.advance(10_000);
    return logger.of('telemetry_unavailable').length > 0;
  });
  assert.equal(desk.checks()[0]?.code, 'telemetry_unavailable');
  await written(desk);
  assert.equal(logger.of('telemetry_damaged').length, 1);
  await until('it is on the disk', () => desk.checks()[0]?.status === 'ok');
});

test("telemetry desk keeps the newest sample in Prometheus' file, whole at any time", async () => {
  const prometheusFile = join(dir, 'cambox.prom');
  await using desk = deskOf({ prometheusFile });
  desk.start();
  await until('the file is there', () => readdirSync(dir).includes('cambox.prom'));
  assert.equal(readFileSync(prometheusFile, 'utf8'), '# TYPE cambox_rss_mb gauge\ncambox_rss_mb 64\n');
});

test('telemetry desk says once what keeps it from writing, and tries again', async () => {
  await using desk = deskOf({ dir: '/proc/no-such-folder' });
  desk.start();
  await until('it has failed', () => logger.of('telemetry_unavailable').length > 0);
  for (let n = 0; n < 5; n++) await clock.advance(10_000);
  assert.equal(logger.of('telemetry_unavailable').length, 1);
  await assert.rejects(desk.query({ fromMs: 0, untilMs: 1, points: 1 }), { code: 'not_writable' });
});

test('a sample has the figures of the machine and of each camera, without what is not known', () => {
  const readings = {
    process: { rssBytes: 64 * 2 ** 20, cpuPercent: 12.5, loopLagP99Ms: 3, loopLagMaxMs: 9 },
    temperature: { celsius: 51.2, zone: 'cpu' },
  };
  const camera = { id: 'front', state: 'lost' as const, frames: 7, lastFrameMs: undefined, clips: () => ['one'] };
  assert.deepEqual(telemetrySample(readings, [camera]), {
    ...{ rss_mb: 64, cpu_pct: 12.5, loop_lag_p99_ms: 3, loop_lag_max_ms: 9, temp_c: 51.2 },
    ...{ 'cam.front.streaming': 0, 'cam.front.frames': 7, 'cam.front.clips': 1 },
  });
});
