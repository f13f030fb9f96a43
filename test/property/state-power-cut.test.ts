import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SILENT } from '../../src/base/logger.ts';
import type { Database } from '../../src/catalog/database.ts';
import { STATE_MIGRATIONS } from '../../src/catalog/state/state-migrations.ts';
import { Spool } from '../../src/control/mqtt/spool.ts';
import { StoredJournal } from '../../src/control/stored-journal.ts';
import { command, response } from '../support/command-journal-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { PowerCuts } from '../support/power-cuts.ts';

const ROUNDS = 80;
/** So that there is a checkpoint every few dozen rounds. */
const EVENTS_A_ROUND = 10;
const PADDING = 'x'.repeat(1000);

const journalIn = (db: Database) => new StoredJournal({ db, clock: new FakeClock(), logger: SILENT });

/** The numbers of the events that wait, in the order of sending. */
function eventsIn(spool: Spool): number[] {
  const events: number[] = [];
  for (let next = spool.next('event', 0); next !== undefined; next = spool.next('event', next.key)) {
    events.push(JSON.parse(Buffer.from(next.message.payload).toString()).n);
  }
  return events;
}

it('journal and spool hold what was confirmed when the power is cut at any moment, checkpoints included', async () => {
  const accepted = new Set<string>();
  const finished = new Set<string>();
  let stored = 0;
  /** Events that were sent, and may be gone. */
  let sent = 0;
  using power = new PowerCuts({
    seed: 1,
    migrations: STATE_MIGRATIONS,
    confirmed: () => {
      const promised = { accepted: [...accepted], finished: [...finished], first: sent + 1, last: stored };
      return (after, cut) => {
        const journal = journalIn(after);
        for (const id of promised.accepted) assert.ok(journal.recall(id), `cut ${cut}: ${id} is known`);
        for (const id of promised.finished) {
          assert.equal(journal.recall(id)?.response.status, 'succeeded', `cut ${cut}`);
        }
        assert.ok(journal.interrupted().every(({ row }) => !promised.finished.includes(row.id)));
        const spool = new Spool({ db: after, logger: SILENT });
        const there = eventsIn(spool);
        const inOrder = there.toSorted((a, b) => a - b);
        assert.deepEqual(there, inOrder, `cut ${cut}: in order`);
        for (let n = promised.first; n <= promised.last; n++) assert.ok(there.includes(n), `cut ${cut}: event ${n}`);
        assert.equal(spool.damaged, 0);
      };
    },
  });

  await using db = await power.open();
  const journal = journalIn(db);
  const spool = new Spool({ db, logger: SILENT });
  for (let round = 0; round < ROUNDS; round++) {
    const id = `id-${round}`;
    await journal.accept(command(id), response(id, 'accepted'));
    accepted.add(id);
    const messages = Array.from({ length: EVENTS_A_ROUND }, (_, i) => {
      const payload = JSON.stringify({ n: stored + i + 1, padding: PADDING });
      return { kind: 'event', message: { topic: 't', payload, retain: false }, sinceMs: 0 } as const;
    });
    if (await spool.store(() => messages)) stored += EVENTS_A_ROUND;
    if (round % 3 === 0) {
      const next = spool.next('event', 0)!;
      sent += 1; // from now on it may be gone
      spool.done(next.key);
    }
    if (round % 2 === 0) {
      await journal.finish(id, response(id, 'succeeded', { padding: PADDING }));
      finished.add(id);
    }
  }
  assert.equal(stored, ROUNDS * EVENTS_A_ROUND);
  assert.equal(journal.unwritten, 0);
  assert.ok(power.count > 4 * ROUNDS, `${power.count} cuts`);
});
