import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CommandRow, CommandTable } from '../../../../src/catalog/state/command-table.ts';
import { StateFolder } from '../../../support/state-database.ts';

const row = (id: string, parts: Partial<CommandRow> = {}): CommandRow => ({
  ...{ id, name: 'clip.start', bodyHash: 'h', replyTopic: undefined, correlation: undefined, finished: true },
  response: JSON.stringify({ id, status: 'succeeded' }),
  ...parts,
});

test('table forgets the oldest finished commands when there are more than it may hold', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  const table = new CommandTable(db, { rows: 3, responseBytes: 1e6 });
  await db.write('add', () => {
    table.put(row('running', { finished: false }));
    for (const id of ['a', 'b', 'c', 'd']) table.put(row(id));
  });
  assert.deepEqual(
    ['running', 'a', 'b', 'c', 'd'].map((id) => table.get(id) !== undefined),
    [true, false, true, true, true],
  );
});

test('table lets go of the oldest results, and still knows that they ran, when responses are too many bytes', async () => {
  await using folder = new StateFolder();
  const db = await folder.open();
  const responseOf = (id: string) => JSON.stringify({ id, status: 'succeeded', result: 'x'.repeat(1000) });
  {
    const table = new CommandTable(db, { rows: 1000, responseBytes: 10_000 });
    await db.write('add', () => {
      for (let n = 0; n < 30; n++) table.put(row(`${n}`, { response: responseOf(`${n}`) }));
    });
    assert.deepEqual(JSON.parse(table.get('0')!.response), { id: '0', status: 'succeeded' });
    assert.equal(table.get('29')!.response, responseOf('29'));
  }
  const { bytes } = db.prepare('SELECT sum(octet_length(response)) AS bytes FROM commands').get() as { bytes: number };
  assert.ok(bytes <= 10_000, `${bytes} bytes`);
});
