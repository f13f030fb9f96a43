import type { TriggerRecord } from '../../catalog/clips/trigger-record.ts';
import { type TriggerPage, type TriggerQuery, TriggerTable } from '../../catalog/clips/trigger-table.ts';
import type { Database } from '../../catalog/database.ts';
import type { ClipResult } from '../clip/clip.ts';

/** Who asked for which clip. What goes with a clip goes in the clip's own transaction: `forget`, `shift`. */
export class ClipTriggers {
  readonly #db: Database;
  readonly #table: TriggerTable;
  /** The newest one of the time before this start. */
  readonly #lastBefore: number;

  constructor(db: Database) {
    this.#db = db;
    this.#table = new TriggerTable(db);
    this.#lastBefore = this.#table.last;
  }

  /** Resolves when it is on the disk. */
  add(trigger: TriggerRecord): Promise<void> {
    return this.#db.write('write a trigger into', () => this.#table.add(trigger));
  }

  /** The oldest first. */
  ofClip(clip: string): readonly TriggerRecord[] {
    return this.#db.read('read', () => this.#table.ofClip(clip));
  }

  /** Newest first. Throws `bad_argument`. */
  find(query: TriggerQuery): TriggerPage {
    return this.#db.read('search', () => this.#table.find(query));
  }

  /** A clip of which there is no file. */
  noteFailure({ clip, end, detail }: Pick<ClipResult, 'clip' | 'end' | 'detail'>): Promise<void> {
    return this.#db.write('change triggers of', () => this.#table.fail(clip, end, detail));
  }

  /** Once folder and catalogue are in step: of what was under way before this start, nothing more will come. */
  settle(): Promise<void> {
    const reason = 'the service went before anything of the clip could be kept';
    return this.#db.write('change triggers of', () => this.#table.failOrphans(this.#lastBefore, 'crashed', reason));
  }

  /** Inside a write. */
  forget(clip: string): void {
    this.#table.forget(clip);
  }

  /** Inside a write. */
  shift(clip: string, ms: number): void {
    this.#table.shift(clip, ms);
  }
}
