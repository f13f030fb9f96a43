import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { StateStore } from '../../../src/catalog/state/state-store.ts';
import type { CommandJournal } from '../../../src/control/command-journal.ts';
import { CommandMemory } from '../../../src/control/command-memory.ts';
import { CommandExecutor } from '../../../src/control/executor.ts';
import { Backlog } from '../../../src/control/mqtt/backlog.ts';
import { Spool } from '../../../src/control/mqtt/spool.ts';
import { COMMANDS } from '../../../src/control/registry.ts';
import { StoredJournal } from '../../../src/control/stored-journal.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { type Figure, figure } from '../figure.ts';

const REQUESTS = 1000;
const EVENTS = 20_000;
const WINDOW = 20;
/** About what an event of a clip has. */
const EVENT = JSON.stringify({ clip: '20261120t180400z-front-3f9a1c', note: 'x'.repeat(400) });

/** What the journal of commands and the spool of messages cost on this disk. */
export async function* measure(): AsyncGenerator<Figure> {
  const dir = mkdtempSync(join(tmpdir(), 'cambox-journal-'));
  try {
    const path = join(dir, 'state.db');
    {
      await using db = await StateStore.open(path, { clock: SYSTEM_CLOCK, logger: SILENT });
      yield* accepted('journal.accepted_in_memory', new CommandMemory());
      yield* accepted('journal.accepted', new StoredJournal({ db, clock: SYSTEM_CLOCK, logger: SILENT }));
      yield* spooled(new Spool({ db, logger: SILENT }));
    }
    {
      await using db = await StateStore.open(path, { clock: SYSTEM_CLOCK, logger: SILENT });
      const backlog = new Backlog(SYSTEM_CLOCK, new Spool({ db, logger: SILENT }));
      for (let n = 0; n < 100_000; n++) {
        backlog.push('event', { topic: 'cambox/v1/box-a/event/tick', payload: EVENT, retain: false }, true);
        backlog.watchMemory();
      }
      await backlog.store();
      yield figure('spool.full_mb', backlog.report.bytes / 2 ** 20, 'MB');
    }
    const start = performance.now();
    const db = await StateStore.open(path, { clock: SYSTEM_CLOCK, logger: SILENT });
    yield figure('spool.open_and_check_full_ms', performance.now() - start, 'ms');
    await db[Symbol.asyncDispose]();
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** From a request that acts to its `accepted`, one after the other: what a requester, and the broker's PUBACK, wait for. */
async function* accepted(name: string, journal: CommandJournal): AsyncGenerator<Figure> {
  const box = new FakeBox();
  const executor = new CommandExecutor(COMMANDS, box, { clock: SYSTEM_CLOCK, logger: SILENT, journal });
  const times: number[] = [];
  const payload = Buffer.from(JSON.stringify({ args: { clip: 'clip-1', protected: true } }));
  for (let n = 0; n < REQUESTS; n++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const incoming = {
      id: `id-${n}`,
      name: 'clip.protect',
      payload,
      retained: false,
      live: true,
      expiresInS: undefined,
    };
    const start = performance.now();
    const respond = ({ status }: { readonly status: string }): void => {
      if (status === 'accepted') times.push(performance.now() - start);
      else resolve();
    };
    await executor.submit(incoming, { door: 'socket', respond, deliverJpeg: () => undefined });
    await promise;
  }
  yield figure(`${name}_p50_ms`, quantile(times, 0.5), 'ms');
  yield figure(`${name}_p99_ms`, quantile(times, 0.99), 'ms');
}

/** While the broker is away, and when it is back. */
async function* spooled(spool: Spool): AsyncGenerator<Figure> {
  const backlog = new Backlog(SYSTEM_CLOCK, spool);
  const holds: number[] = [];
  let start = performance.now();
  for (let n = 0; n < EVENTS; n++) {
    const before = performance.now();
    backlog.push('event', { topic: 'cambox/v1/box-a/event/tick', payload: EVENT, retain: false }, true);
    backlog.watchMemory();
    holds.push(performance.now() - before);
    if (n % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await backlog.store();
  yield figure('spool.stored_per_s', EVENTS / ((performance.now() - start) / 1000), 'events/s');
  yield figure('spool.event_holds_loop_p50_ms', quantile(holds, 0.5), 'ms');
  yield figure('spool.event_holds_loop_most_ms', Math.max(...holds), 'ms');
  start = performance.now();
  while (backlog.length > 0) {
    for (let n = 0; n < WINDOW; n++) {
      const next = backlog.next();
      if (next !== undefined) backlog.settle(next);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield figure('spool.drained_per_s', EVENTS / ((performance.now() - start) / 1000), 'events/s');
}

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)]!;
