import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Conditions, GOOD_CONDITIONS, Scheduler } from '../../../src/jobs/scheduler.ts';
import type { Demand } from '../../../src/jobs/workload.ts';
import { budgetOf, MIB } from '../../support/jobs.ts';

const needs = (mib: number, cpu = 0): Demand => ({ memoryBytes: mib * MIB, cpu });

/** Everything that may start now, in order. */
function startAll(scheduler: Scheduler, conditions: Conditions = GOOD_CONDITIONS): string[] {
  const started: string[] = [];
  for (let id = scheduler.next(conditions); id !== undefined; id = scheduler.next(conditions)) started.push(id);
  return started;
}

test('scheduler starts cuts before exports before timelapses, each kind in the order of coming', () => {
  const scheduler = new Scheduler(budgetOf());
  scheduler.offer('t1', 'timelapse', needs(10));
  scheduler.offer('c1', 'cut', needs(10));
  scheduler.offer('e1', 'export', needs(10));
  scheduler.offer('c2', 'cut', needs(10));
  assert.deepEqual(startAll(scheduler), ['c1', 'c2', 'e1', 't1']);
});

test('scheduler starts no more than memory and processor allow', () => {
  const scheduler = new Scheduler(budgetOf({ memoryBytes: 100 * MIB, cpu: 2 }));
  for (const id of ['a', 'b', 'c']) scheduler.offer(id, 'cut', needs(40, 0.5));
  assert.deepEqual(startAll(scheduler), ['a', 'b']);
  scheduler.finish('a');
  assert.deepEqual(startAll(scheduler), ['c']);

  const busy = new Scheduler(budgetOf({ cpu: 1 }));
  for (const id of ['a', 'b']) busy.offer(id, 'cut', needs(1, 0.6));
  assert.deepEqual(startAll(busy), ['a']);
});

test('a large job is not overtaken by small ones while it waits for other jobs to end', () => {
  const scheduler = new Scheduler(budgetOf({ memoryBytes: 100 * MIB }));
  scheduler.offer('running', 'cut', needs(60));
  assert.deepEqual(startAll(scheduler), ['running']);
  scheduler.offer('large', 'cut', needs(80));
  scheduler.offer('small', 'cut', needs(10));
  scheduler.offer('lower', 'timelapse', needs(10));
  assert.deepEqual(startAll(scheduler), []);
  scheduler.finish('running');
  assert.deepEqual(startAll(scheduler), ['large', 'small', 'lower']);
});

test('a job that only fits when a live recording ends is overtaken', () => {
  const scheduler = new Scheduler(budgetOf({ memoryBytes: 100 * MIB }));
  assert.ok(scheduler.admitLive('live', needs(50), GOOD_CONDITIONS));
  scheduler.offer('large', 'cut', needs(80));
  scheduler.offer('small', 'timelapse', needs(40));
  assert.deepEqual(startAll(scheduler), ['small']);
  scheduler.finish('live');
  assert.deepEqual(startAll(scheduler), []);
  scheduler.finish('small');
  assert.deepEqual(startAll(scheduler), ['large']);
});

test('a job that could never run is too_large, one past the queue length finds it full', () => {
  const scheduler = new Scheduler(budgetOf({ memoryBytes: 100 * MIB, liveReserveBytes: 30 * MIB, queueLength: 1 }));
  assert.equal(scheduler.offer('huge', 'cut', needs(71)), 'too_large');
  assert.equal(scheduler.offer('a', 'cut', needs(70)), 'waiting');
  assert.equal(scheduler.offer('b', 'cut', needs(1)), 'full');
});

test('a job that wants more cores than there are gets all of them', () => {
  const scheduler = new Scheduler(budgetOf({ cpu: 1 }));
  scheduler.offer('wide', 'cut', needs(1, 4));
  assert.deepEqual(startAll(scheduler), ['wide']);
});

test('queued jobs leave the reserve of live recordings alone, which live recordings use up', () => {
  const scheduler = new Scheduler(budgetOf({ memoryBytes: 100 * MIB, liveReserveBytes: 40 * MIB }));
  scheduler.offer('a', 'cut', needs(50));
  scheduler.offer('b', 'cut', needs(20));
  assert.deepEqual(startAll(scheduler), ['a']);
  assert.ok(scheduler.admitLive('live', needs(40), GOOD_CONDITIONS));
  assert.deepEqual(startAll(scheduler), []);
  assert.ok(!scheduler.admitLive('one more', needs(11), GOOD_CONDITIONS));
});

test('a live encode is admitted while jobs use the processor, but not beside live encodes that do', () => {
  const scheduler = new Scheduler(budgetOf({ cpu: 1 }));
  scheduler.offer('cut', 'cut', needs(10, 1));
  assert.deepEqual(startAll(scheduler), ['cut']);
  assert.ok(scheduler.admitLive('encode', needs(10, 0.6), GOOD_CONDITIONS));
  assert.ok(!scheduler.admitLive('another', needs(10, 0.6), GOOD_CONDITIONS));
  assert.ok(scheduler.admitLive('copy', needs(10, 0), GOOD_CONDITIONS));
});

test('under pressure nothing that can wait is started, and of live recordings only copies', () => {
  const scheduler = new Scheduler(budgetOf());
  const pressed: Conditions = { ...GOOD_CONDITIONS, pressed: true };
  scheduler.offer('cut', 'cut', needs(1));
  assert.deepEqual(startAll(scheduler, pressed), []);
  assert.ok(!scheduler.admitLive('encode', needs(1, 0.5), pressed));
  assert.ok(scheduler.admitLive('copy', needs(1, 0), pressed));
});

test('nothing is started when the machine itself has no memory for it', () => {
  const scheduler = new Scheduler(budgetOf());
  const short: Conditions = { ...GOOD_CONDITIONS, availableBytes: 50 * MIB };
  scheduler.offer('cut', 'cut', needs(40));
  assert.deepEqual(startAll(scheduler, short), []);
  assert.ok(!scheduler.admitLive('live', needs(40), short));
  assert.ok(scheduler.admitLive('small', needs(20), short));
});

test('a smaller budget withdraws the jobs that it could never run', () => {
  const scheduler = new Scheduler(budgetOf({ memoryBytes: 100 * MIB }));
  scheduler.offer('large', 'timelapse', needs(80));
  scheduler.offer('small', 'cut', needs(20));
  assert.deepEqual(scheduler.configure(budgetOf({ memoryBytes: 50 * MIB })), ['large']);
  assert.deepEqual(startAll(scheduler), ['small']);
  assert.equal(scheduler.waiting, 0);
});
