import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { RestartBudget } from '../../../../src/app/recovery/restart-budget.ts';
import { ServiceRestart } from '../../../../src/app/recovery/service-restart.ts';
import { WatchdogFeeder } from '../../../../src/app/recovery/watchdog-feeder.ts';
import type { WatchdogDecision } from '../../../../src/health/watchdog.ts';
import { type Notifier, openNotifier } from '../../../../src/systemd/notifier.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';

/** Of the feeder's looks, with a watchdog of 20 s. */
const INTERVAL_MS = 5000;
const HUNGRY: WatchdogDecision = { feed: false, reason: 'the test says so' };
const FED: WatchdogDecision = { feed: true };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cambox-feeder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function setUp(watchdogSec = 20) {
  const clock = new FakeClock();
  const logger = new LogCollector();
  const sent: string[] = [];
  const env = { NOTIFY_SOCKET: '/there', ...(watchdogSec > 0 && { WATCHDOG_USEC: String(watchdogSec * 1e6) }) };
  const notifier: Notifier = openNotifier(env, logger, () => (state) => {
    sent.push(state.replace('\n', ' '));
    return undefined;
  });
  const budget = new RestartBudget({ path: join(folder, 'restarts.json'), boot: 'boot-1', clock });
  const state = { decision: FED };
  const feed = () => new WatchdogFeeder({ notifier, budget, clock, logger, decide: () => state.decision });
  /** Lets time pass; the budget is on the disk, so that each feeding takes a real moment. */
  const advance = async (intervals: number): Promise<void> => {
    for (let i = 0; i < intervals; i++) {
      await clock.advance(INTERVAL_MS);
      const deadline = performance.now() + 5000;
      while (clock.pendingTimers === 0 && performance.now() < deadline) await new Promise((next) => setImmediate(next));
    }
  };
  return { clock, logger, sent, notifier, budget, state, feed, advance };
}

test('feeder feeds the watchdog four times in its period while all goes well', async () => {
  const { sent, feed, advance } = setUp();
  using _ = feed();
  await advance(4);
  assert.deepEqual(
    sent,
    Array.from({ length: 5 }, () => 'WATCHDOG=1'),
  );
});

test('feeder feeds nothing while it does not go well, and goes on when that has passed', async () => {
  const { logger, sent, state, feed, advance, budget } = setUp();
  using _ = feed();
  await advance(1);
  const before = sent.length;
  state.decision = HUNGRY;
  await advance(2);
  assert.equal(sent.length, before);
  state.decision = FED;
  await advance(1);
  assert.equal(sent.length, before + 1);
  assert.deepEqual(logger.events, ['watchdog_not_fed']);
  for (let i = 0; i < 3; i++) assert.equal(await budget.spend('it has cost no restart'), undefined);
});

test('feeder lets the service starve when it does not pass, and says so once', async () => {
  const { logger, sent, state, feed, advance } = setUp();
  using _ = feed();
  await advance(1);
  const before = sent.length;
  state.decision = HUNGRY;
  await advance(20);
  assert.equal(sent.length, before);
  assert.deepEqual(logger.events, ['watchdog_not_fed', 'watchdog_starves']);
});

test('feeder lets the service starve three times an hour at most, and feeds it in time when it must not', async () => {
  const { clock, logger, sent, state, feed, advance } = setUp();
  using _ = feed();
  for (let i = 0; i < 3; i++) {
    state.decision = HUNGRY;
    await advance(4);
    state.decision = FED;
    await advance(1);
  }
  assert.equal(logger.of('watchdog_starves').length, 3);
  const before = sent.length;
  const fedAt = clock.now();
  state.decision = HUNGRY;
  while (sent.length === before) await advance(1);
  assert.ok(clock.now() - fedAt <= 15e6, 'fed too late for a watchdog of 20 s');
  assert.equal(logger.of('watchdog_fed_all_the_same').length, 1);
  await advance(1);
  assert.equal(sent.length, before + 2);
});

test('feeder does nothing where no watchdog is set', async () => {
  const { clock, sent, feed } = setUp(0);
  using _ = feed();
  await clock.advance(60_000);
  assert.deepEqual([sent, clock.pendingTimers], [[], 0]);
});

test('feeder leaves no timer behind', async () => {
  const { clock, feed, advance } = setUp();
  const feeder = feed();
  await advance(1);
  feeder[Symbol.dispose]();
  assert.equal(clock.pendingTimers, 0);
});

test('restart of the service is a trigger of the watchdog, with an errno, three times an hour', async () => {
  const { sent, logger, notifier, budget } = setUp();
  const restart = new ServiceRestart(notifier, budget, logger);
  for (let i = 0; i < 3; i++) assert.equal(await restart.request('the test'), undefined);
  assert.match((await restart.request('the test')) ?? '', /3 times/);
  assert.deepEqual(
    sent,
    Array.from({ length: 3 }, () => 'ERRNO=5 WATCHDOG=trigger'),
  );
  assert.deepEqual(logger.events, ['service_restart', 'service_restart', 'service_restart']);
});

test('restart of the service is refused where no watchdog is set, and costs nothing', async () => {
  const { sent, logger, notifier, budget } = setUp(0);
  const restart = new ServiceRestart(notifier, budget, logger);
  for (let i = 0; i < 9; i++) assert.match((await restart.request('the test')) ?? '', /no watchdog/);
  assert.deepEqual(sent, []);
  assert.equal(await budget.spend('the test'), undefined);
});
