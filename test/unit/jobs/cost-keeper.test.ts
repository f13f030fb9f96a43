import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CostKeeper, parseCosts } from '../../../src/jobs/cost-keeper.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { MIB } from '../../support/jobs.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { until } from '../../support/until.ts';

const WORKLOAD = { kind: 'live', encoder: 'copy', width: 640, height: 480, threads: 1 } as const;
const USE = { heldBytes: 12 * MIB, overCap: false };

function inFolder(body: (path: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cambox-costs-'));
    try {
      await body(join(folder, 'costs.json'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

test(
  'costs are there again after a restart',
  inFolder(async (path) => {
    const deps = { path, clock: new FakeClock(), logger: new LogCollector() };
    const first = await CostKeeper.open(deps);
    first.costs.learn(WORKLOAD, USE);
    await first[Symbol.asyncDispose]();
    const second = await CostKeeper.open(deps);
    assert.deepEqual(second.costs.table, { 'live/copy/640x480/1': [12 * 1024] });
    await second[Symbol.asyncDispose]();
    assert.deepEqual(deps.logger.events, []);
  }),
);

test(
  'costs are written every five minutes, and only when there are new ones',
  inFolder(async (path) => {
    const clock = new FakeClock();
    await using keeper = await CostKeeper.open({ path, clock, logger: new LogCollector() });
    await clock.advance(300_000);
    assert.deepEqual(readdirSync(join(path, '..')), []);
    keeper.costs.learn(WORKLOAD, USE);
    await clock.advance(300_000);
    await until('the file is written', () => readdirSync(join(path, '..')).includes('costs.json'));
    assert.deepEqual(parseCosts(readFileSync(path, 'utf8')), keeper.costs.table);
  }),
);

test(
  'a file that is none of ours is told of once, and learning begins anew',
  inFolder(async (path) => {
    writeFileSync(path, '{"version":1,"peaks_kib":{"x":["much"]}}');
    const logger = new LogCollector();
    await using keeper = await CostKeeper.open({ path, clock: new FakeClock(), logger });
    assert.deepEqual(keeper.costs.table, {});
    assert.deepEqual(logger.events, ['costs_not_read']);
  }),
);

test('a folder that is not there costs nothing but the memory of it', async () => {
  const clock = new FakeClock();
  const logger = new LogCollector();
  const keeper = await CostKeeper.open({ path: '/nonexistent/costs.json', clock, logger });
  keeper.costs.learn(WORKLOAD, USE);
  await clock.advance(300_000);
  await until('the failure is told', () => logger.events.length > 0);
  await keeper[Symbol.asyncDispose]();
  assert.deepEqual(logger.events, ['costs_not_saved']);
});

test('whatever a file holds, reading it does not throw', () => {
  for (const text of ['', 'null', '[]', '7', '{"version":2,"peaks_kib":{}}', '{"version":1,"peaks_kib":{"a":[1.5]}}']) {
    assert.equal(parseCosts(text), undefined, text);
  }
});
