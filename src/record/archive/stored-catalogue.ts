import { join } from 'node:path';
import type { ClipPage, ClipQuery } from '../../catalog/clip-page.ts';
import { ClipTable, noSuchClip } from '../../catalog/clip-table.ts';
import { DatabaseReader } from '../../catalog/database-reader.ts';
import { MIGRATIONS } from '../../catalog/migrations.ts';
import type { ClipDetails } from '../../catalog/trigger-record.ts';
import { TriggerTable } from '../../catalog/trigger-table.ts';
import { CATALOGUE_FILE } from './clip-archive.ts';

/** The catalogue of a recording folder as it was last written: for looking at it without a daemon. */
export class StoredCatalogue implements Disposable {
  readonly #reader: DatabaseReader;
  readonly #clips: ClipTable;
  readonly #triggers: TriggerTable;

  /** Throws as `DatabaseReader.open`. */
  static open(dir: string): StoredCatalogue {
    return new StoredCatalogue(DatabaseReader.open(join(dir, CATALOGUE_FILE), MIGRATIONS));
  }

  private constructor(reader: DatabaseReader) {
    this.#reader = reader;
    this.#clips = new ClipTable(reader);
    this.#triggers = new TriggerTable(reader);
  }

  /** Throws `bad_argument`. */
  find(query: ClipQuery): ClipPage {
    return this.#reader.read(() => this.#clips.find(query));
  }

  /** Throws `not_found`. */
  get(clip: string): ClipDetails {
    const record = this.#reader.read(() => this.#clips.get(clip));
    if (record === undefined) throw noSuchClip(clip);
    return { ...record, triggers: this.#reader.read(() => this.#triggers.ofClip(clip)) };
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }
}
