import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SpoolRecord, SpoolTable } from '../../../../src/catalog/state/spool-table.ts';
import { StateFolder } from '../../../support/state-database.ts';

const record = (text: string, parts: Partial<SpoolRecord> = {}): SpoolRecord => ({
  ...{ topic: 't', payload: Buffer.from(text), correlation: undefined, sinceMs: 1 },
  ...parts,
});

const texts = (table: SpoolTable): string[] => {
  const found: string[] = [];
  for (const kind of ['response', 'event'] as const) {
    for (let next = table.next(kind, 0); next !== undefined; next = table.next(kind, next.key)) {
      found.push(Buffer.from(next.payload).toString());
    }
  }
  return found;
};

test('table gives responses before events, each in the order in which they came, also after a restart', async () => {
  await using folder = new StateFolder();
  {
    await using db = await folder.open();
    const table = new SpoolTable(db);
    await db.write('add', () => {
      for (const text of ['e1', 'e2']) table.add('event', record(text));
      for (const text of ['r1', 'r2']) table.add('response', record(text));
    });
  }
  const db = await folder.open();
  const table = new SpoolTable(db);
  await db.write('add', () => table.add('event', record('e3')));
  assert.deepEqual(texts(table), ['r1', 'r2', 'e1', 'e2', 'e3']);
});

test('table gives back what was stored, and since when the oldest waits', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  const table = new SpoolTable(db);
  const stored = record('payload', { topic: 'a/b', correlation: Buffer.from([1, 2]), sinceMs: 77 });
  const key = await db.write('add', () => table.add('event', stored));
  await db.write('add', () => table.add('response', record('later', { sinceMs: 99 })));
  const { correlation, payload, ...rest } = table.next('event', 0)!;
  assert.deepEqual(rest, { key, topic: 'a/b', sinceMs: 77, damaged: false });
  assert.deepEqual([Buffer.from(payload).toString(), [...correlation!]], ['payload', [1, 2]]);
  assert.equal(table.oldestMs(), 77);
});

for (const [part, change] of [
  ['payload', `payload = x'00'`],
  ['topic', `topic = 'other'`],
  ['correlation', `correlation = x'00'`],
] as const) {
  test(`table says that a record is damaged when its ${part} is not what was written`, async () => {
    await using folder = new StateFolder();
    const db = await folder.open();
    const table = new SpoolTable(db);
    await db.write('add', () => table.add('event', record('payload')));
    await db.write('damage', () => db.prepare(`UPDATE spool SET ${change}`).run());
    assert.equal(table.next('event', 0)?.damaged, true);
  });
}

test('table drops the oldest of the least important class, and counts it, when it is full', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  const table = new SpoolTable(db, { rows: 3, bytes: 1e6 });
  const dropped = await db.write('add', () => {
    for (const text of ['e1', 'e2']) table.add('event', record(text));
    for (const text of ['r1', 'r2']) table.add('response', record(text));
    return table.makeRoom();
  });
  assert.deepEqual(dropped, { response: 0, event: 1 });
  assert.deepEqual(texts(table), ['r1', 'r2', 'e2']);
  const more = await db.write('add', () => {
    for (const text of ['r3', 'r4']) table.add('response', record(text));
    return table.makeRoom();
  });
  assert.deepEqual(more, { response: 1, event: 1 });
  assert.deepEqual(texts(table), ['r2', 'r3', 'r4']);
});

test('table counts bytes, and drops what is too much of them', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  const table = new SpoolTable(db, { rows: 100, bytes: 1000 });
  await db.write('add', () => {
    for (let n = 0; n < 10; n++) table.add('event', record('x'.repeat(199)));
    table.makeRoom();
  });
  assert.deepEqual(table.sizes().event, { rows: 5, bytes: 1000 });
});

test('table counts as before when a write is undone', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  const table = new SpoolTable(db);
  const failing = db.write('add', () => {
    table.add('event', record('e'));
    throw new Error('no');
  });
  await assert.rejects(failing);
  assert.deepEqual(table.sizes().event, { rows: 0, bytes: 0 });
});

test('table never gives a key again while it is open', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  const table = new SpoolTable(db);
  const first = await db.write('add', () => table.add('event', record('a')));
  await db.write('remove', () => table.remove(first));
  const second = await db.write('add', () => table.add('event', record('b')));
  assert.ok(second > first);
});
