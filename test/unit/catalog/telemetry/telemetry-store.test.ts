import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { queryStoredTelemetry } from '../../../../src/catalog/telemetry/stored-telemetry.ts';
import { TelemetryStore } from '../../../../src/catalog/telemetry/telemetry-store.ts';

const START = Date.parse('2025-06-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MIB = 2 ** 20;

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cambox-telemetry-'));
  path = join(dir, 'telemetry.db');
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A sample each ten seconds, flushed each minute: the value counts up from 0. */
async function fill(store: TelemetryStore, spanMs: number, metrics: readonly string[] = ['rss_mb']): Promise<void> {
  for (let n = 0; n * 10_000 < spanMs; n++) {
    store.add(START + n * 10_000, Object.fromEntries(metrics.map((name) => [name, n])));
    if (n % 6 === 5) await store.flush(START + n * 10_000);
  }
}

describe('TelemetryStore', () => {
  it('answers from samples, minutes and hours alike', async () => {
    await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
    await fill(store, 3 * HOUR_MS);
    const answers = await Promise.all(
      [HOUR_MS, 4 * HOUR_MS, 10 * HOUR_MS, 90 * DAY_MS].map((span) =>
        store.query({ fromMs: START, untilMs: START + span, points: 1 }),
      ),
    );
    assert.deepEqual(
      answers.map(({ resolution }) => resolution),
      ['samples', 'samples', 'minutes', 'hours'],
    );
    assert.deepEqual(answers[0]!.series, [
      { metric: 'rss_mb', buckets: [{ t_ms: START, count: 360, avg: 179.5, min: 0, max: 359 }] },
    ]);
    for (const { series } of answers.slice(1)) {
      const buckets = series[0]!.buckets;
      assert.equal(
        buckets.reduce((sum, { count }) => sum + count, 0),
        1080,
      );
      assert.equal(Math.max(...buckets.map(({ max }) => max)), 1079);
      assert.equal(
        buckets.reduce((sum, { count, avg }) => sum + count * avg, 0),
        (1079 * 1080) / 2,
      );
    }
  });

  it('names a metric that is not known, and those that are, written or not', async () => {
    await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
    const ask = (metric: string) =>
      store.query({ metrics: [metric], fromMs: START, untilMs: START + HOUR_MS, points: 1 });
    assert.deepEqual((await ask('temp_c')).series, [], 'nothing is known yet');
    store.add(START, { rss_mb: 1, temp_c: 50 });
    assert.deepEqual((await ask('temp_c')).series, [], 'it is not written yet');
    for (const _ of ['not written', 'written']) {
      await assert.rejects(ask('tmep_c'), { code: 'bad_argument', message: /"tmep_c".*Known are rss_mb, temp_c/ });
      await store.flush(START);
    }
    assert.equal((await ask('temp_c')).series.length, 1);
  });

  it('is read by others beside its writer and after it, with the same answers', async () => {
    const query = { fromMs: START, untilMs: START + HOUR_MS, points: 6 };
    let answer: unknown;
    {
      await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
      await fill(store, HOUR_MS, ['rss_mb', 'temp_c']);
      answer = await store.query(query);
      assert.deepEqual(queryStoredTelemetry(path, query), answer);
    }
    assert.deepEqual(queryStoredTelemetry(path, query), answer);
    const unknown = { ...query, metrics: ['x'] };
    assert.throws(() => queryStoredTelemetry(path, unknown), { code: 'bad_argument' });
    assert.throws(() => queryStoredTelemetry(join(dir, 'none.db'), query), { code: 'not_found' });
  });

  it('keeps samples that come while others are being written', async () => {
    await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
    store.add(START, { rss_mb: 1 });
    const flushed = store.flush(START);
    store.add(START + 10_000, { rss_mb: 2 });
    await flushed;
    await store.flush(START + 10_000);
    const { series } = await store.query({ fromMs: START, untilMs: START + HOUR_MS, points: 1 });
    assert.deepEqual(series[0]!.buckets, [{ t_ms: START, count: 2, avg: 1.5, min: 1, max: 2 }]);
    assert.equal(store.dropped, 0);
  });

  it('gives no more steps than asked for, and those of the metrics asked for', async () => {
    await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
    await fill(store, HOUR_MS, ['a', 'b', 'c']);
    const { series, step_ms } = await store.query({
      metrics: ['b'],
      fromMs: START,
      untilMs: START + HOUR_MS,
      points: 10,
    });
    assert.deepEqual([series.map(({ metric }) => metric), series[0]!.buckets.length, step_ms], [['b'], 10, 360_000]);
  });

  it('gives one step for one point, wherever the span of time begins', async () => {
    await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
    await fill(store, 3 * HOUR_MS);
    for (const span of [HOUR_MS, 20 * HOUR_MS]) {
      const fromMs = START - 54_321;
      const { series } = await store.query({ fromMs, untilMs: fromMs + span, points: 1 });
      assert.equal(series[0]!.buckets.length, 1);
    }
  });

  it('answers a question again from memory until something is written', async () => {
    await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
    await fill(store, HOUR_MS);
    const query = { fromMs: START, untilMs: START + HOUR_MS, points: 10 };
    const answer = await store.query(query);
    assert.equal(await store.query(query), answer);
    store.add(START + HOUR_MS - 1, { rss_mb: 1e6 });
    await store.flush(START + HOUR_MS);
    assert.equal((await store.query(query)).series[0]!.buckets.at(-1)!.max, 1e6);
  });

  it('goes on where it was after it was opened again', async () => {
    {
      await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
      await fill(store, HOUR_MS / 2);
    }
    await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
    store.add(START + HOUR_MS / 2, { rss_mb: 7 });
    await store.flush(START + HOUR_MS);
    const { series } = await store.query({ fromMs: START, untilMs: START + 100 * DAY_MS, points: 1 });
    assert.equal(series[0]!.buckets[0]!.count, 181);
  });

  it('stays within its budget, and keeps the rollups longest', async () => {
    const budget = MIB;
    await using store = await TelemetryStore.open(path, { budgetBytes: budget });
    const metrics = Array.from({ length: 12 }, (_, n) => `metric_${n}`);
    await fill(store, 14 * HOUR_MS, metrics);
    assert.ok(store.bytes < budget * 1.1, `${store.bytes} bytes`);
    const { series, resolution } = await store.query({ fromMs: START, untilMs: START + 14 * HOUR_MS, points: 1 });
    assert.deepEqual([resolution, series.length], ['minutes', 12]);
    assert.ok(series[0]!.buckets.reduce((sum, { count }) => sum + count, 0) > 4000, 'most of it is still there');
  });

  it('forgets what is too old', async () => {
    await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
    await fill(store, HOUR_MS);
    for (let n = 0; n < 400; n++) await store.flush(START + 6 * 365 * DAY_MS);
    const { series } = await store.query({ fromMs: START, untilMs: START + DAY_MS, points: 1 });
    assert.deepEqual(series, []);
  });

  it('lets go of what a clock far ahead labelled, once the clock is right, before anything else', async () => {
    const budget = MIB;
    const metrics = Array.from({ length: 12 }, (_, n) => `metric_${n}`);
    await using store = await TelemetryStore.open(path, { budgetBytes: budget });
    for (let n = 0; store.bytes < 1.5 * budget; n++) {
      store.add(START + 5 * 365 * DAY_MS + n * 10_000, Object.fromEntries(metrics.map((name) => [name, n])));
      if (n % 60 === 59) await store.flush(START, false);
    }
    for (let n = 0; n < 360; n++) {
      store.add(START + n * 10_000, Object.fromEntries(metrics.map((name) => [name, n])));
      if (n % 6 === 5) await store.flush(START + n * 10_000, true);
    }
    const { series } = await store.query({ fromMs: START, untilMs: START + HOUR_MS, points: 1 });
    assert.equal(series[0]!.buckets[0]!.count, 360);
    const ahead = await store.query({ fromMs: START + 2 * DAY_MS, untilMs: START + 4000 * DAY_MS, points: 1 });
    assert.deepEqual(ahead.series, []);
  });

  it('gives the disk back at its opening what a lower budget left free', async () => {
    const metrics = Array.from({ length: 12 }, (_, n) => `metric_${n}`);
    const values = Object.fromEntries(metrics.map((name) => [name, 1]));
    {
      await using store = await TelemetryStore.open(path, { budgetBytes: 32 * MIB });
      for (let n = 0; store.bytes < 6 * MIB; n++) {
        store.add(START + n * 10_000, values);
        if (n % 60 === 59) await store.flush(START);
      }
    }
    {
      await using store = await TelemetryStore.open(path, { budgetBytes: MIB });
      while (store.bytes > MIB) await store.flush(START);
      assert.ok(statSync(path).size > 6 * MIB);
    }
    await using store = await TelemetryStore.open(path, { budgetBytes: MIB });
    assert.ok(statSync(path).size < 2 * MIB, `${statSync(path).size} bytes`);
    assert.equal(store.metrics.length, 12);
  });

  it('begins anew when its file is damaged', async () => {
    writeFileSync(path, Buffer.alloc(8192, 'no database'));
    await using store = await TelemetryStore.open(path, { budgetBytes: MIB });
    assert.deepEqual(store.metrics, []);
  });

  it('drops the oldest samples and counts them while nothing can be written', async () => {
    await using store = await TelemetryStore.open(path, { budgetBytes: MIB });
    for (let n = 0; n < 100; n++) store.add(START + n, { rss_mb: n });
    assert.equal(store.dropped, 40);
  });

  it('refuses a span of time that ends before it begins', async () => {
    await using store = await TelemetryStore.open(path, { budgetBytes: MIB });
    await assert.rejects(store.query({ fromMs: 1, untilMs: 1, points: 1 }), { code: 'bad_argument' });
  });
});
