import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Children } from '../../../../src/app/jobs/children.ts';
import { childrenBudget } from '../../../../src/app/jobs/children-budget.ts';
import { parseConfig } from '../../../../src/config/load-config.ts';
import type { DelegationRefusal } from '../../../../src/systemd/cgroup/delegation.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { MIB } from '../../../support/jobs.ts';
import { LogCollector } from '../../../support/log-collector.ts';

const REFUSED: DelegationRefusal = { fault: 'no_memory_controller', reason: 'there is none', remedy: 'turn it on' };
const config = (json: object = {}) => parseConfig(json, {}, 'test');

async function open(env: NodeJS.ProcessEnv): Promise<{ children: Children; logs: LogCollector }> {
  const logs = new LogCollector();
  const clock = new FakeClock();
  const state = { database: undefined, bootId: 'this-boot' };
  const options = { config: config(), env, ...state, clock, logger: logs, delegate: async () => REFUSED };
  return { children: await Children.open(options), logs };
}

test('a service whose children cannot have control groups polls them, and its health says why and what to do', async () => {
  const { children, logs } = await open({ NOTIFY_SOCKET: '/run/systemd/notify' });
  assert.equal(children.caps.method, 'rss_poll');
  const { memory_caps } = children.report() as { memory_caps: unknown };
  assert.deepEqual(memory_caps, { by: 'rss_poll', reason: 'there is none', remedy: 'turn it on' });
  const warning = { id: 'memory_caps', status: 'warn', code: 'no_memory_controller', hint: 'turn it on' };
  assert.deepEqual(children.checks(), [warning]);
  assert.deepEqual(
    logs.of('memory_caps').map(({ level }) => level),
    ['warn'],
  );
  await children[Symbol.asyncDispose]();
});

test('a daemon that is no service polls as well, and is healthy', async () => {
  const { children } = await open({});
  assert.equal(children.caps.method, 'rss_poll');
  assert.deepEqual(children.checks(), [{ id: 'memory_caps', status: 'ok' }]);
  await children[Symbol.asyncDispose]();
});

test('the budget is what frames and the daemon leave, and a copy of each camera stays possible', () => {
  const cameras = ['front', 'back'].map((id) => ({ id, source: 'synthetic:1280x720', pre_roll_mb: 12 }));
  const budget = childrenBudget(config({ cameras, frames: { memory_mb: 64 } }), 4);
  assert.equal(budget.memoryBytes, (435 - 64 - 72) * MIB);
  assert.ok(budget.liveReserveBytes > 28 * MIB && budget.liveReserveBytes < 34 * MIB);
  assert.deepEqual([budget.cpu, budget.queueLength], [4, 256]);
});

test('the budget follows what the config says of processor and queue, and never reserves more than half', () => {
  const cameras = Array.from({ length: 8 }, (_, i) => ({
    ...{ id: `c${i}`, source: `synthetic:1920x1080`, width: 1920, height: 1080, pre_roll_mb: 4 },
  }));
  const json = { cameras, record: { memory_mb: 300, cpu_tokens: 1.5 }, jobs: { queue_length: 9 } };
  const budget = childrenBudget(config(json), 4);
  assert.deepEqual([budget.cpu, budget.queueLength], [1.5, 9]);
  assert.equal(budget.liveReserveBytes, budget.memoryBytes / 2);
});

test('another config changes the budget of what runs', async () => {
  const { children } = await open({});
  children.configure(config({ record: { memory_mb: 600 } }));
  assert.equal(children.queue.report()['memory_budget_bytes'], (600 - 96 - 72) * MIB);
  await children[Symbol.asyncDispose]();
});

test('a config that leaves no memory for ffmpeg is refused with the least that it takes', () => {
  assert.throws(
    () => config({ record: { memory_mb: 180 } }),
    /record\.memory_mb: 180 is too little.*needs at least 192/,
  );
});
