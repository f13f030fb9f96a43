import { join } from 'node:path';
import { CLIP_MIGRATIONS } from '../../catalog/clips/clip-migrations.ts';
import type { ClipPage, ClipQuery } from '../../catalog/clips/clip-page.ts';
import type { ClipRecord } from '../../catalog/clips/clip-record.ts';
import { ClipTable, noSuchClip } from '../../catalog/clips/clip-table.ts';
import { type MadePage, type MadeQuery, MadeTable } from '../../catalog/clips/made-table.ts';
import { CATALOG_REMEDIES } from '../../catalog/clips/open-catalog.ts';
import type { ClipDetails } from '../../catalog/clips/trigger-record.ts';
import { type TriggerPage, type TriggerQuery, TriggerTable } from '../../catalog/clips/trigger-table.ts';
import { DatabaseReader } from '../../catalog/database-reader.ts';
import { CATALOGUE_FILE } from './clip-archive.ts';

/** The catalogue of a recording folder as it was last written: for looking at it without a daemon. */
export class StoredCatalogue implements Disposable {
  readonly #reader: DatabaseReader;
  readonly #clips: ClipTable;
  readonly #made: MadeTable;
  readonly #triggers: TriggerTable;

  /** Throws as `DatabaseReader.open`. */
  static open(dir: string): StoredCatalogue {
    const reader = DatabaseReader.open(join(dir, CATALOGUE_FILE), CLIP_MIGRATIONS, CATALOG_REMEDIES);
    try {
      return reader.read(() => new StoredCatalogue(reader));
    } catch (thrown) {
      reader[Symbol.dispose]();
      throw thrown;
    }
  }

  private constructor(reader: DatabaseReader) {
    this.#reader = reader;
    this.#clips = new ClipTable(reader);
    this.#made = new MadeTable(reader);
    this.#triggers = new TriggerTable(reader);
  }

  /** Throws `bad_argument`. */
  find(query: ClipQuery): ClipPage {
    return this.#reader.read(() => this.#clips.find(query));
  }

  lookUp(clip: string): ClipRecord | undefined {
    return this.#reader.read(() => this.#clips.get(clip));
  }

  /** Throws `not_found`. */
  get(clip: string): ClipDetails {
    const record = this.lookUp(clip);
    if (record === undefined) throw noSuchClip(clip);
    return { ...record, triggers: this.#reader.read(() => this.#triggers.ofClip(clip)) };
  }

  /** Throws `bad_argument`. */
  made(query: MadeQuery): MadePage {
    return this.#reader.read(() => this.#made.find(query));
  }

  /** Throws `bad_argument`. */
  triggers(query: TriggerQuery): TriggerPage {
    return this.#reader.read(() => this.#triggers.find(query));
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }
}
