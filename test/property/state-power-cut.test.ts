import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { SILENT } from '../../src/base/logger.ts';
import { Database } from '../../src/catalog/database.ts';
import { STATE_MIGRATIONS } from '../../src/catalog/state-migrations.ts';
import { Spool } from '../../src/control/mqtt/spool.ts';
import { StoredJournal } from '../../src/control/stored-journal.ts';
import { Random } from '../fuzz/random.ts';
import { command, response } from '../support/command-journal-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { PowerlessDisk } from '../support/powerless-disk.ts';

const SEED = 1;
const ROUNDS = 80;
/** So that there is a checkpoint every few dozen rounds. */
const EVENTS_A_ROUND = 10;
const PADDING = 'x'.repeat(1000);

it('journal and spool hold what was confirmed when the power is cut at any moment, checkpoints included', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'cambox-state-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'state.db');
  const disk = new PowerlessDisk();
  const random = new Random(SEED);
  const accepted = new Set<string>();
  const finished = new Set<string>();
  let stored = 0;
  /** Events that were sent, and may be gone. */
  let sent = 0;
  let cuts = 0;

  /** What is on the disk after a power cut now, opened again. */
  const cutAndLook = async (): Promise<void> => {
    const cut = ++cuts;
    const after = join(dir, `after-${cut}.db`);
    const alive = random.below(5) / 4;
    const isNew = (): boolean => random.below(100) < alive * 100;
    disk.cutPower(path, after, isNew);
    disk.cutPower(`${path}-wal`, `${after}-wal`, isNew);
    const promised = { accepted: [...accepted], finished: [...finished], first: sent + 1, last: stored };
    {
      await using db = await Database.open(after, { migrations: STATE_MIGRATIONS });
      const journal = new StoredJournal({ db, clock: new FakeClock(), logger: SILENT });
      for (const id of promised.accepted) assert.ok(journal.recall(id), `cut ${cut}: ${id} is known`);
      for (const id of promised.finished) assert.equal(journal.recall(id)?.response.status, 'succeeded', `cut ${cut}`);
      assert.ok(journal.interrupted().every(({ row }) => !promised.finished.includes(row.id)));
      const spool = new Spool({ db, logger: SILENT });
      const there: number[] = [];
      for (let next = spool.next('event', 0); next !== undefined; next = spool.next('event', next.key)) {
        there.push(JSON.parse(Buffer.from(next.message.payload).toString()).n);
      }
      assert.deepEqual(
        there,
        there.toSorted((a, b) => a - b),
        `cut ${cut}: in order`,
      );
      for (let n = promised.first; n <= promised.last; n++) assert.ok(there.includes(n), `cut ${cut}: event ${n}`);
      assert.equal(spool.damaged, 0);
    }
    for (const end of ['', '-wal', '-shm']) rmSync(after + end, { force: true });
  };

  await using db = await Database.open(path, {
    migrations: STATE_MIGRATIONS,
    wrapFile: (file, which) => {
      const synced = disk.watch(which === 'log' ? `${path}-wal` : path, file);
      return {
        datasync: async () => {
          await cutAndLook();
          await synced.datasync();
          await cutAndLook();
        },
      };
    },
  });
  const journal = new StoredJournal({ db, clock: new FakeClock(), logger: SILENT });
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
  assert.ok(cuts > 4 * ROUNDS, `${cuts} cuts`);
});
