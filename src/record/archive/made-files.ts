import { CamboxError } from '../../base/errors.ts';
import type { MadeRecord } from '../../catalog/clips/made-record.ts';
import {
  type ListedMade,
  type MadePage,
  type MadeQuery,
  MadeTable,
  type MadeUsage,
  type MayGo,
} from '../../catalog/clips/made-table.ts';
import type { Deletable } from '../../catalog/clips/retention.ts';
import type { Database } from '../../catalog/database.ts';
import type { FilesInUse } from '../made/files-in-use.ts';
import { type DeletionDeps, deleteInSteps } from './delete-in-steps.ts';

export interface MadeFilesDeps extends DeletionDeps {
  readonly db: Database;
  /** Files that jobs read now: they stay. */
  readonly inUse: FilesInUse;
}

/** What jobs made of clips: files of the recording folder and their rows, kept in step as clips are. */
export class MadeFiles {
  readonly #deps: MadeFilesDeps;
  readonly #table: MadeTable;
  #usage: readonly MadeUsage[] | undefined;

  constructor(deps: MadeFilesDeps) {
    this.#deps = deps;
    this.#table = new MadeTable(deps.db);
  }

  /** Files that are in place, and on the disk. Those the catalogue has are replaced. */
  put(records: readonly MadeRecord[]): Promise<void> {
    return this.#write('write what was made into', () => {
      for (const record of records) this.#table.put(record);
    });
  }

  /** Newest first. Throws `bad_argument`. */
  find(query: MadeQuery): MadePage {
    return this.#deps.db.read('search', () => this.#table.find(query));
  }

  lookUp(file: string): MadeRecord | undefined {
    return this.#deps.db.read('read', () => this.#table.get(file));
  }

  /** Remove one, file and row; resolves to what it was. Throws `not_found`, `conflict` while a job reads it, `not_writable`. */
  async delete(file: string): Promise<MadeRecord> {
    const record = this.lookUp(file);
    const failed = { verb: 'delete', thing: file } as const;
    if (record === undefined) throw new CamboxError('not_found', { ...failed, reason: 'the catalogue has none' });
    if (this.#deps.inUse.has(file)) throw new CamboxError('conflict', { ...failed, reason: 'a job reads it' });
    await deleteInSteps({ name: file, file }, this.#deps, {
      mark: () => this.#setState(file, 'deleting'),
      unmark: () => this.#setState(file, 'ready'),
      forget: () => this.forget([file]),
    });
    return record;
  }

  /** Remove rows. */
  forget(files: readonly string[]): Promise<void> {
    return this.#write('remove what was made from', () => {
      for (const file of files) this.#table.remove(file);
    });
  }

  /** Of every file, with its state. */
  files(): readonly ListedMade[] {
    return this.#deps.db.read('read', () => this.#table.files());
  }

  /** By camera; counted again after changes only. */
  usage(): readonly MadeUsage[] {
    this.#usage ??= this.#deps.db.read('read', () => this.#table.usage());
    return this.#usage;
  }

  /** The oldest that no job reads, of all cameras or of one, but for those to be left alone. */
  oldest(camera?: string, leaveAlone?: ReadonlySet<string>): Deletable | undefined {
    return this.#deps.db.read('read', () => this.#table.oldest(this.#mayGo(leaveAlone), camera));
  }

  /** The same of each kind, but for those that were made while the clock was not known to be right. */
  oldestOfKinds(leaveAlone?: ReadonlySet<string>): readonly Deletable[] {
    return this.#deps.db.read('read', () => this.#table.oldestOfKinds(this.#mayGo(leaveAlone)));
  }

  #mayGo(leaveAlone: ReadonlySet<string> | undefined): MayGo {
    return (file) => !(this.#deps.inUse.has(file) || leaveAlone?.has(file));
  }

  #setState(file: string, state: ListedMade['state']): Promise<void> {
    return this.#write('change what was made in', () => this.#table.setState(file, state));
  }

  #write(what: string, work: () => void): Promise<void> {
    return this.#deps.db.write(what, () => {
      this.#usage = undefined;
      work();
    });
  }
}
