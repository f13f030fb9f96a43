import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import type { Database } from '../../../src/catalog/database.ts';
import { StoredJournal } from '../../../src/control/stored-journal.ts';
import { command, response, runThrough, testCommandJournal } from '../../support/command-journal-contract.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { StateFolder } from '../../support/state-database.ts';
import { until } from '../../support/until.ts';

const folders: StateFolder[] = [];
after(async () => {
  for (const folder of folders) await folder[Symbol.asyncDispose]();
});
const newFolder = (): StateFolder => {
  const folder = new StateFolder();
  folders.push(folder);
  return folder;
};

const contractFolders = await Promise.all(Array.from({ length: 5 }, () => newFolder().open()));
testCommandJournal('StoredJournal', () => journalIn(contractFolders.pop()!).journal);

function journalIn(db: Database, clock: FakeClock | typeof SYSTEM_CLOCK = SYSTEM_CLOCK) {
  const logger = new LogCollector();
  return { journal: new StoredJournal({ db, clock, logger }), logger };
}

/** True once the promise has settled. */
async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
  let settled = false;
  void promise?.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('journal knows a command that acts after a restart, and one that only looks no more', async () => {
  const folder = newFolder();
  {
    await using db = await folder.open();
    const { journal } = journalIn(db);
    await runThrough(journal, 'acts', { clip: 'c' });
    await runThrough(journal, 'looks', { temp_c: 40 }, false);
  }
  const { journal } = journalIn(await folder.open());
  assert.deepEqual(journal.recall('acts')?.response, response('acts', 'succeeded', { clip: 'c' }));
  assert.equal(journal.recall('looks'), undefined);
  assert.deepEqual(journal.interrupted(), []);
});

test('journal accepts what acts only when the disk has it, and what looks without the disk', async () => {
  const folder = newFolder();
  const { journal } = journalIn(await folder.open());
  folder.disk.hold();
  assert.equal(journal.accept(command('looks', { acts: false }), response('looks', 'accepted')), undefined);
  const accepting = journal.accept(command('acts'), response('acts', 'accepted'));
  assert.equal(await isSettled(accepting), false);
  folder.disk.release();
  await accepting;
  assert.equal(journal.unwritten, 0);
});

test('journal goes on in memory, and says so once, when the disk takes too long; and waits for it again when it is back', async () => {
  const folder = newFolder();
  const clock = new FakeClock();
  const { journal, logger } = journalIn(await folder.open(), clock);
  folder.disk.hold();
  const accepting = journal.accept(command('a'), response('a', 'accepted'));
  await clock.advance(2999);
  assert.equal(await isSettled(accepting), false);
  await clock.advance(1);
  await accepting;
  await journal.accept(command('b'), response('b', 'accepted')); // waits for nothing
  assert.equal(journal.unwritten, 2);
  assert.equal(logger.of('journal_not_written').length, 1);
  assert.match(String(journal.problem?.message), /takes longer than 3 s/);
  assert.equal(journal.recall('b')?.response.status, 'accepted');
  folder.disk.release();
  await until('the disk is back', () => journal.problem === undefined);
  folder.disk.hold();
  const waits = journal.accept(command('c'), response('c', 'accepted'));
  assert.equal(await isSettled(waits), false);
  folder.disk.release();
  await waits;
  assert.equal(journal.unwritten, 2);
});

test('journal keeps what the disk refuses in memory, and tells of the refusal once', async () => {
  const folder = newFolder();
  const { journal, logger } = journalIn(await folder.open());
  folder.disk.failure = new Error('EIO: i/o error, fdatasync');
  await runThrough(journal, 'a', { clip: 'a' });
  await runThrough(journal, 'b', { clip: 'b' });
  assert.deepEqual(journal.recall('a')?.response.result, { clip: 'a' });
  assert.equal(journal.unwritten, 4);
  assert.equal(logger.of('journal_not_written').length, 1);
  folder.disk.failure = undefined;
  await runThrough(journal, 'c');
  assert.equal(journal.problem, undefined);
  assert.equal(logger.of('journal_written_again').length, 1);
});

test('journal tells at the start which commands were interrupted, with what their result had shown, and settles them', async () => {
  const folder = newFolder();
  const replyTo = { topic: 'cambox/v1/box-a/res/clip.start/a', correlationData: Buffer.from('abc') };
  {
    await using db = await folder.open();
    const { journal } = journalIn(db);
    await journal.accept(command('a', { replyTo }), response('a', 'accepted'));
    journal.progress('a', response('a', 'in_progress', { clip: 'c-1' }));
    await journal.accept(command('b'), response('b', 'accepted'));
    await runThrough(journal, 'over');
  }
  {
    await using db = await folder.open();
    const { journal } = journalIn(db);
    const [a, b, ...more] = journal.interrupted();
    assert.deepEqual(more, []);
    assert.equal(a!.row.replyTopic, replyTo.topic);
    assert.deepEqual(Buffer.from(a!.row.correlation!), replyTo.correlationData);
    assert.deepEqual(
      [a!.response.status, a!.response.error?.code, a!.response.error?.retryable, a!.response.result],
      ['failed', 'interrupted', true, { clip: 'c-1' }],
    );
    assert.equal(b!.response.result, undefined);
    await journal.settle([a!, b!]);
  }
  const { journal } = journalIn(await folder.open());
  assert.deepEqual(journal.interrupted(), []);
  assert.equal(journal.recall('a')?.response.error?.code, 'interrupted');
});
