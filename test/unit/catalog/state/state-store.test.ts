import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { SpoolTable } from '../../../../src/catalog/state/spool-table.ts';
import { StateStore } from '../../../../src/catalog/state/state-store.ts';
import { Spool, type Waiting } from '../../../../src/control/mqtt/spool.ts';
import { StoredJournal } from '../../../../src/control/stored-journal.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { until } from '../../../support/until.ts';

/** More than SQLite keeps in memory, and than the log holds. */
const MANY = 2000;
const PAYLOAD = 'x'.repeat(1000);

let dir: string;
let path: string;
let clock: FakeClock;
let logger: LogCollector;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cambox-state-'));
  path = join(dir, 'state.db');
  clock = new FakeClock();
  logger = new LogCollector();
});
afterEach(() => rmSync(dir, { recursive: true }));

const waiting = (n: number): Waiting => ({
  kind: 'event',
  message: { topic: `t/${n}`, payload: PAYLOAD, retain: false },
  sinceMs: n,
});
const COMMAND = { id: 'c-1', name: 'clip.start', bodyHash: 'h', acts: true, replyTo: undefined } as const;
const ACCEPTED = { id: 'c-1', status: 'accepted', duplicate: false, ts: '2025-06-01T12:00:00Z' } as const;

/** As a card does that loses what it holds. */
function damage(): void {
  const file = openSync(path, 'r+');
  writeSync(file, randomFillSync(Buffer.alloc(statSync(path).size - 4096)), 0, undefined, 4096);
  closeSync(file);
}

const copies = (): number => readdirSync(dir).filter((name) => /damaged-\d+$/.test(name)).length;

test('a state that is damaged while it is used is begun anew, and spool and journal go on with it', async () => {
  await using state = await StateStore.open(path, { clock, logger });
  const spool = new Spool({ db: state, logger });
  const journal = new StoredJournal({ db: state, clock, logger });
  await spool.store(() => Array.from({ length: MANY }, (_, n) => waiting(n)));
  await until('they are in the database', () => statSync(path).size > MANY * PAYLOAD.length);
  damage();
  for (let next = spool.next('event', 0); next !== undefined; ) next = spool.next('event', next.key);
  await until('it is begun anew', () => logger.of('state_damaged').length === 1);
  await until('it takes messages again', () => state.isAnew);
  assert.equal(copies(), 1);
  assert.equal(await spool.store(() => [waiting(1)]), true);
  assert.equal(spool.size.rows, 1);
  assert.equal(spool.problem, undefined);
  await journal.accept(COMMAND, ACCEPTED);
  assert.equal(journal.problem, undefined);
});

test('a state that is damaged once more is begun anew ten minutes later, and refuses until then', async () => {
  await using state = await StateStore.open(path, { clock, logger });
  const table = new SpoolTable(state);
  const fill = async (): Promise<void> => {
    await state.write('add', () => {
      for (let n = 0; n < MANY; n++)
        table.add('event', { topic: 't', payload: Buffer.from(PAYLOAD), correlation: undefined, sinceMs: n });
    });
    await until('they are in the database', () => statSync(path).size > MANY * PAYLOAD.length);
    damage();
    assert.throws(
      () =>
        state.read('read', () => {
          for (let key = 0; ; ) key = table.next('event', key)!.key;
        }),
      { code: 'bad_input' },
    );
  };
  await fill();
  await until('it is begun anew', () => state.isAnew && !state.database.damaged.aborted);
  await fill();
  await clock.advance(590_000);
  await assert.rejects(
    state.write('add', () => undefined),
    { code: 'bad_input' },
  );
  await clock.advance(20_000);
  await until('it is begun anew once more', () => !state.database.damaged.aborted);
  await state.write('add', () => undefined);
  assert.equal(copies(), 1);
});

test('a state gives back at its opening what a long outage left free in it', async () => {
  {
    await using state = await StateStore.open(path, { clock, logger });
    const spool = new Spool({ db: state, logger });
    await spool.store(() => Array.from({ length: 3 * MANY }, (_, n) => waiting(n)));
    for (let next = spool.next('event', 0); next !== undefined; next = spool.next('event', next.key))
      spool.done(next.key);
    await spool.settled();
  }
  const { size } = statSync(path);
  await using state = await StateStore.open(path, { clock, logger });
  assert.ok(statSync(path).size < size / 4, `${statSync(path).size} of ${size} bytes`);
  assert.equal(new Spool({ db: state, logger }).size.rows, 0);
});
