import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SILENT } from '../../../../src/base/logger.ts';
import { Backlog } from '../../../../src/control/mqtt/backlog.ts';
import type { Departing } from '../../../../src/control/mqtt/lane.ts';
import { Spool } from '../../../../src/control/mqtt/spool.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { StateFolder } from '../../../support/state-database.ts';
import { until } from '../../../support/until.ts';

const folders: StateFolder[] = [];
after(async () => {
  for (const folder of folders) await folder[Symbol.asyncDispose]();
});

async function bench(limits?: { rows: number; bytes: number }) {
  const folder = new StateFolder();
  folders.push(folder);
  const clock = new FakeClock();
  const db = await folder.open();
  const logger = new LogCollector();
  const spool = new Spool({ db, logger, ...(limits && { limits }) });
  const backlog = new Backlog(clock, spool);
  const event = (text: string): void => {
    backlog.push('event', { topic: 'e', payload: text, retain: false }, true);
    backlog.watchMemory();
  };
  const respond = (text: string, isFinal = true): void => {
    backlog.push('response', { topic: 'r', payload: text, retain: false }, isFinal);
    backlog.watchMemory();
  };
  return { folder, clock, db, spool, backlog, logger, event, respond };
}

const textOf = ({ message }: Departing): string => Buffer.from(message.payload).toString();

/** All that can be sent now. */
function departures(backlog: Backlog): Departing[] {
  const all: Departing[] = [];
  for (let next = backlog.next(); next !== undefined; next = backlog.next()) all.push(next);
  return all;
}

test('backlog writes nothing to the disk when the broker acknowledges within five seconds', async () => {
  const { backlog, clock, event, spool } = await bench();
  backlog.rewind(true);
  for (let n = 0; n < 100; n++) {
    event(`${n}`);
    const [sent] = departures(backlog);
    await clock.advance(1000);
    backlog.settle(sent!);
  }
  assert.equal(spool.size.rows, 0);
  assert.equal(backlog.length, 0);
});

test('backlog brings what waits for five seconds to the disk', async () => {
  const { backlog, clock, event } = await bench();
  event('a');
  await clock.advance(4999);
  assert.equal(backlog.report.stored, 0);
  await clock.advance(5001);
  assert.deepEqual(backlog.report, {
    ...{ depth: 1, stored: 1, oldest_s: 10, bytes: 2, damaged: 0 },
    dropped: { response: 0, event: 0 },
  });
});

test('backlog brings what waits to the disk at once when it is much', async () => {
  const { backlog, event } = await bench();
  for (let n = 0; n < 5000; n++) event(`${n}`); // the disk is given no time to do anything
  assert.ok(await backlog.store());
  assert.deepEqual([backlog.report.depth, backlog.report.stored], [5000, 5000]);
  assert.deepEqual(
    departures(backlog).map(textOf),
    Array.from({ length: 5000 }, (_, n) => `${n}`),
  );
});

test('backlog sends responses before events, and what is on the disk before what is in memory', async () => {
  const { backlog, event, respond } = await bench();
  for (const text of ['e1', 'e2']) event(text);
  respond('r1');
  await backlog.store();
  event('e3');
  respond('r2');
  assert.deepEqual(departures(backlog).map(textOf), ['r1', 'r2', 'e1', 'e2', 'e3']);
});

test('backlog sends what was on its way once more over the next connection, and not twice over this one, when it went to the disk meanwhile', async () => {
  const { backlog, event } = await bench();
  backlog.rewind(true);
  for (const text of ['a', 'b', 'c']) event(text);
  const [a, b] = [backlog.next()!, backlog.next()!];
  await backlog.store();
  event('d');
  assert.deepEqual(departures(backlog).map(textOf), ['c', 'd']);
  backlog.settle(a);
  backlog.rewind(true);
  assert.deepEqual(departures(backlog).map(textOf), ['b', 'c', 'd']);
  backlog.settle(b); // an acknowledgement of the connection before
  backlog.rewind(true);
  assert.deepEqual(departures(backlog).map(textOf), ['c', 'd']);
});

test('backlog keeps final responses alone when they go to the disk', async () => {
  const { backlog, respond } = await bench();
  respond('accepted', false);
  respond('in_progress', false);
  respond('succeeded');
  respond('accepted', false);
  await backlog.store();
  assert.deepEqual(departures(backlog).map(textOf), ['succeeded']);
});

test('backlog removes what is acknowledged from the disk', async () => {
  const { folder, backlog, event } = await bench();
  for (let n = 0; n < 500; n++) event(`${n}`);
  await backlog.store();
  const all = departures(backlog);
  for (const departed of all.slice(0, 450)) backlog.settle(departed);
  assert.equal(backlog.length, 50);
  await using db = await folder.open();
  const count = db.prepare('SELECT count(*) AS n FROM spool');
  await until('they are removed', () => (count.get() as { n: number }).n === 50);
  assert.deepEqual(
    departures(new Backlog(new FakeClock(), new Spool({ db, logger: SILENT }))).map(textOf),
    Array.from({ length: 50 }, (_, n) => `${450 + n}`),
  );
});

test('backlog drops and counts a message that is not what was written to the disk', async () => {
  const { backlog, db, event, logger } = await bench();
  for (const text of ['a', 'b', 'c']) event(text);
  await backlog.store();
  await db.write('damage', () => db.prepare(`UPDATE spool SET payload = x'00' WHERE payload = x'62'`).run());
  assert.deepEqual(departures(backlog).map(textOf), ['a', 'c']);
  assert.equal(backlog.report.damaged, 1);
  assert.equal(logger.of('spool_damaged').length, 1);
  await until('it is removed', () => backlog.report.depth === 2);
});

test('backlog counts by class what had to make room on the disk', async () => {
  const { backlog, event, respond } = await bench({ rows: 2, bytes: 1000 });
  for (const text of ['e1', 'e2', 'e3']) event(text);
  respond('r1');
  await backlog.store();
  assert.deepEqual(departures(backlog).map(textOf), ['r1', 'e3']);
  assert.deepEqual(backlog.report.dropped, { response: 0, event: 2 });
});

test('backlog goes on in memory, within bounds, and tries again when the disk refuses it', async () => {
  const { db, backlog, clock, event, spool, logger } = await bench();
  const { page_count } = db.prepare('PRAGMA page_count').get() as { page_count: number };
  db.prepare(`PRAGMA max_page_count = ${page_count}`).get(); // the disk is full
  for (let n = 0; n < 1200; n++) event(`${n}-${'x'.repeat(1000)}`);
  await until('the refusal', () => spool.problem !== undefined);
  assert.equal(spool.problem?.code, 'disk_full');
  const held = backlog.report.depth;
  assert.ok(held <= 1100, `${held} in memory and on the disk`);
  assert.equal(held + backlog.report.dropped.event, 1200);
  db.prepare('PRAGMA max_page_count = 100000').get();
  await clock.advance(5000);
  await until('all of it is on the disk', () => backlog.report.stored === held);
  await until('the disk is back', () => spool.problem === undefined);
  assert.equal(logger.of('spool_not_written').length, 1);
});

test('backlog without a spool keeps the latest 200 of each class in memory', () => {
  const backlog = new Backlog(new FakeClock(), undefined);
  for (let n = 0; n < 250; n++) backlog.push('event', { topic: 'e', payload: `${n}`, retain: false }, true);
  assert.deepEqual([backlog.length, backlog.report.dropped.event], [200, 50]);
  assert.equal(textOf(backlog.next()!), '50');
});
