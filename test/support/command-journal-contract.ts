import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AcceptedCommand, CommandJournal } from '../../src/control/command-journal.ts';
import type { CommandResponse, CommandStatus } from '../../src/control/response.ts';

export const command = (id: string, parts: Partial<AcceptedCommand> = {}): AcceptedCommand => ({
  id,
  name: 'clip.start',
  bodyHash: 'hash',
  acts: true,
  replyTo: undefined,
  ...parts,
});

export const response = (id: string, status: CommandStatus, result?: unknown): CommandResponse => ({
  id,
  status,
  duplicate: false,
  ts: '2026-11-21T08:00:00.000Z',
  ...(result === undefined ? {} : { result }),
});

/** Accept and finish a command. */
export async function runThrough(journal: CommandJournal, id: string, result?: unknown, acts = true): Promise<void> {
  await journal.accept(command(id, { acts }), response(id, 'accepted'));
  await journal.finish(id, response(id, 'succeeded', result));
}

/** What every journal of commands does. */
export function testCommandJournal(name: string, open: () => CommandJournal): void {
  test(`${name} knows nothing of a command that never came`, () => {
    assert.equal(open().recall('never'), undefined);
  });

  for (const acts of [true, false]) {
    test(`${name} knows a command that ${acts ? 'acts' : 'only looks'}, with its latest response, from accept to finish`, async () => {
      const journal = open();
      const accepting = journal.accept(command('a', { acts }), response('a', 'accepted'));
      const shows = (status: CommandStatus, result?: unknown): void =>
        assert.deepEqual(journal.recall('a'), {
          ...journal.recall('a'),
          name: 'clip.start',
          bodyHash: 'hash',
          response: response('a', status, result),
        });
      shows('accepted');
      await accepting;
      shows('accepted');
      journal.progress('a', response('a', 'in_progress', { clip: 'c' }));
      shows('in_progress', { clip: 'c' });
      const finishing = journal.finish('a', response('a', 'succeeded', { frames: 3 }));
      shows('succeeded', { frames: 3 });
      await finishing;
      shows('succeeded', { frames: 3 });
    });
  }

  test(`${name} knows a running command, however many finish meanwhile, and the latest 1000`, async () => {
    const journal = open();
    await journal.accept(command('long'), response('long', 'accepted'));
    for (let n = 0; n < 1000; n++) await runThrough(journal, `id-${n}`);
    assert.equal(journal.recall('long')?.response.status, 'accepted');
    assert.equal(journal.recall('id-0')?.response.status, 'succeeded');
    await journal.finish('long', response('long', 'succeeded'));
    assert.equal(journal.recall('long')?.response.status, 'succeeded');
  });

  test(`${name} ignores progress and end of a command it never accepted`, async () => {
    const journal = open();
    journal.progress('x', response('x', 'in_progress', {}));
    await journal.finish('x', response('x', 'succeeded'));
    assert.equal(journal.recall('x'), undefined);
  });
}
