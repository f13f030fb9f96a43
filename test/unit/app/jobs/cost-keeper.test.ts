import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CostKeeper } from '../../../../src/app/jobs/cost-keeper.ts';
import type { Database } from '../../../../src/catalog/database.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { MIB } from '../../../support/jobs.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { StateFolder } from '../../../support/state-database.ts';
import { until } from '../../../support/until.ts';

const WORKLOAD = { kind: 'live', encoder: 'copy', width: 640, height: 480, threads: 1 } as const;
const OTHER = { ...WORKLOAD, encoder: 'libx264' };
const use = (mib: number) => ({ heldBytes: mib * MIB, overCap: false });

const keeperOf = (database: Database | undefined, clock = new FakeClock(), logger = new LogCollector()) =>
  new CostKeeper({ database, clock, logger });

test('costs are there again after a restart, in the order in which they were used', async () => {
  await using folder = new StateFolder();
  const database = await folder.open();
  const first = keeperOf(database);
  for (const [workload, mib] of [
    [WORKLOAD, 12],
    [OTHER, 40],
    [WORKLOAD, 14],
  ] as const) {
    first.costs.learn(workload, use(mib));
  }
  await first[Symbol.asyncDispose]();
  const { table } = keeperOf(await folder.open()).costs;
  assert.deepEqual(Object.entries(table), [
    ['live/libx264/640x480/1', [40 * 1024]],
    ['live/copy/640x480/1', [12 * 1024, 14 * 1024]],
  ]);
});

test('costs are written every five minutes, and only when there are new ones', async () => {
  await using folder = new StateFolder();
  const database = await folder.open();
  const clock = new FakeClock();
  await using keeper = keeperOf(database, clock);
  const rows = () => database.prepare('SELECT rowid FROM costs').all().length;
  keeper.costs.learn(WORKLOAD, use(12));
  await clock.advance(299_000);
  assert.equal(rows(), 0);
  await clock.advance(1000);
  await until('it is written', () => rows() === 1);
  folder.disk.failure = new Error('nothing is to be written');
  await clock.advance(600_000);
});

test('a disk that refuses is told of once, and what was learned is written when it takes it again', async () => {
  await using folder = new StateFolder();
  const database = await folder.open();
  const clock = new FakeClock();
  const logger = new LogCollector();
  const keeper = keeperOf(database, clock, logger);
  folder.disk.failure = new Error('no space');
  keeper.costs.learn(WORKLOAD, use(12));
  for (let i = 0; i < 3; i++) {
    await clock.advance(300_000);
    await until('the failure is told', () => logger.events.length > 0);
  }
  assert.deepEqual(logger.events, ['costs_not_saved']);
  folder.disk.failure = undefined;
  await keeper[Symbol.asyncDispose]();
  assert.deepEqual(keeperOf(await folder.open()).costs.table, keeper.costs.table);
});

test('no more workloads are kept than are remembered, and what is no peak is left out', async () => {
  await using folder = new StateFolder();
  const database = await folder.open();
  const keeper = keeperOf(database);
  for (let width = 1; width <= 100; width++) keeper.costs.learn({ ...WORKLOAD, width }, use(12));
  await keeper[Symbol.asyncDispose]();
  await database.write('spoil', () => {
    database
      .prepare(`UPDATE costs SET peaks_kib = '["much", 1.5, -1, 7, null]' WHERE workload LIKE '%/100x480/%'`)
      .run();
  });
  const { table } = keeperOf(database).costs;
  assert.equal(Object.keys(table).length, 64);
  assert.deepEqual(table['live/copy/100x480/1'], [7]);
});

test('without a state folder costs last as long as the process', async () => {
  const logger = new LogCollector();
  await using keeper = keeperOf(undefined, new FakeClock(), logger);
  keeper.costs.learn(WORKLOAD, use(12));
  assert.deepEqual(logger.events, []);
});
