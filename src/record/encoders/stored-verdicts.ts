import { ENCODER_NAMES, type EncoderName } from '../../base/encoder-names.ts';
import { DatabaseReader } from '../../catalog/database-reader.ts';
import type { StateDatabase } from '../../catalog/memory-database.ts';
import { type DemotionRow, type ProbeRow, ProbeTable } from '../../catalog/state/probe-table.ts';
import { STATE_MIGRATIONS } from '../../catalog/state/state-migrations.ts';
import type { Demotion } from './demotions.ts';
import {
  type EncoderMemory,
  NOTHING_REMEMBERED,
  type ProbeNote,
  type StoredVerdict,
  type VerdictStore,
} from './verdict-store.ts';

const MOST_VERDICTS = 64;

/** Probes and demotions in `state.db`: those that hold, and the history of both. */
export class StoredVerdicts implements VerdictStore {
  readonly #db: StateDatabase;
  readonly #table: ProbeTable;

  constructor(db: StateDatabase) {
    this.#db = db;
    this.#table = new ProbeTable(db);
  }

  load(): EncoderMemory {
    try {
      return this.#db.read('read encoders of', () => memoryOf(this.#table));
    } catch {
      return NOTHING_REMEMBERED; // the box says elsewhere that its database cannot be read
    }
  }

  async add({ key, encoder, size, verdict, atMs, ffmpeg, tookMs }: ProbeNote): Promise<void> {
    await this.#db.write('add a probe to', () =>
      this.#table.add({
        ...{ at_ms: Math.round(atMs), key, encoder, size, ffmpeg, took_ms: Math.round(tookMs) },
        ...{ works: Number(verdict.works), counts: Number(verdict.lasting) },
        reason: verdict.works ? null : verdict.reason,
        likeness_db: verdict.works ? verdict.likenessDb : null,
      }),
    );
  }

  async demote({ encoder, size, reason, at }: Demotion): Promise<void> {
    const row = { at_ms: Date.parse(at), encoder, size, reason };
    await this.#db.write('add a demotion to', () => this.#table.demote(row));
  }
}

/** What a daemon, which may be running, has found out in its state folder; nothing when that cannot be read. */
export function lookAtVerdicts(path: string): EncoderMemory {
  try {
    using db = DatabaseReader.open(path, STATE_MIGRATIONS);
    return memoryOf(new ProbeTable(db));
  } catch {
    return NOTHING_REMEMBERED; // whoever looks can do without; doctor says elsewhere what is wrong with the database
  }
}

const memoryOf = (table: ProbeTable): EncoderMemory => ({
  verdicts: table.valid(MOST_VERDICTS).toReversed().flatMap(verdictOf),
  demotions: table.demotions().flatMap(demotionOf),
});

/** None for an encoder of another version of cambox. */
function verdictOf({ key, encoder, size, works, reason, likeness_db }: ProbeRow): StoredVerdict[] {
  if (!isEncoder(encoder)) return [];
  const verdict =
    works === 1
      ? ({ works: true, likenessDb: likeness_db ?? 0, lasting: true } as const)
      : ({ works: false, reason: reason ?? '', lasting: true } as const);
  return [{ key, encoder, size, verdict }];
}

const demotionOf = ({ encoder, size, reason, at_ms }: DemotionRow): Demotion[] =>
  isEncoder(encoder) ? [{ encoder, size, reason, at: new Date(at_ms).toISOString() }] : [];

const isEncoder = (name: string): name is EncoderName => ENCODER_NAMES.some((known) => known === name);
