import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TelemetryFeed } from '../../../../src/app/fleet/telemetry-feed.ts';
import type { Database } from '../../../../src/catalog/database.ts';
import type { TelemetryQuery } from '../../../../src/catalog/telemetry/telemetry-query.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { StateFolder } from '../../../support/state-database.ts';

const T0 = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A feed with a sample every ten seconds, a broker that is there or not, and two figures in its database. */
function bench(db?: Database, everyS = 60) {
  const broker = { isThere: true };
  const live: object[] = [];
  const batches: { metric: string }[] = [];
  const queries: TelemetryQuery[] = [];
  const feed = new TelemetryFeed({
    ...{ clock: new FakeClock(), logger: new LogCollector(), db, everyS: () => everyS },
    async query(query) {
      queries.push(query);
      const series = ['temp_c', 'rss_mb'].map((metric) => ({ metric, buckets: [] }));
      return { step_ms: 60_000, resolution: 'minutes', series };
    },
    live(body) {
      if (broker.isThere) live.push(body);
      return broker.isThere;
    },
    async batch(body) {
      if (broker.isThere) batches.push(body as { metric: string });
      return broker.isThere;
    },
  });
  let now = T0;
  const pass = async (minutes: number): Promise<void> => {
    for (const end = now + minutes * MINUTE_MS; now < end; now += 10_000) feed.onSample(now, { temp_c: 60 });
    await settle();
  };
  return { feed, broker, live, batches, queries, pass };
}

test('feed sends a sample a minute when the broker is there', async () => {
  const { live, pass, queries } = bench();
  await pass(3);
  assert.deepEqual(
    live,
    [0, 1, 2].map((n) => ({ ts: new Date(T0 + n * MINUTE_MS).toISOString(), temp_c: 60 })),
  );
  assert.deepEqual(queries, []);
});

test('feed sends nothing when its interval is 0', async () => {
  const { live, pass } = bench(undefined, 0);
  await pass(3);
  assert.deepEqual(live, []);
});

test('feed sends what was missed, figure by figure, once, a minute after the broker is back', async () => {
  const { broker, pass, batches, queries } = bench();
  await pass(1);
  broker.isThere = false;
  await pass(5);
  broker.isThere = true;
  await pass(1);
  assert.deepEqual(queries, []);
  await pass(5);
  assert.deepEqual(queries, [{ fromMs: T0 + MINUTE_MS, untilMs: T0 + 6 * MINUTE_MS, points: 1440 }]);
  assert.deepEqual(
    batches.map(({ metric }) => metric),
    ['temp_c', 'rss_mb'],
  );
});

test('feed sends nothing again for a single sample that was missed', async () => {
  const { broker, pass, queries } = bench();
  broker.isThere = false;
  await pass(1);
  broker.isThere = true;
  await pass(5);
  assert.deepEqual(queries, []);
});

test('feed knows since when samples are missed after a restart, and sends all of it when the broker goes again meanwhile', async () => {
  await using folder = new StateFolder();
  {
    await using db = await folder.open();
    const { broker, pass } = bench(db);
    broker.isThere = false;
    await pass(5);
  }
  await using db = await folder.open();
  const { broker, pass, queries, batches } = bench(db);
  await pass(1);
  broker.isThere = false;
  await pass(2);
  broker.isThere = true;
  await pass(4);
  assert.deepEqual(queries, [{ fromMs: T0, untilMs: T0 + 3 * MINUTE_MS, points: 1440 }]);
  assert.equal(batches.length, 2);
});
