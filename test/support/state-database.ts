import { mkdtempSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../src/catalog/database.ts';
import type { SyncedFile } from '../../src/catalog/disk-sync.ts';
import { STATE_MIGRATIONS } from '../../src/catalog/state/state-migrations.ts';

/** A disk whose syncs the test holds up, or makes fail. */
export class UnreliableDisk {
  /** Every sync throws this. */
  failure: Error | undefined;
  #held: PromiseWithResolvers<void> | undefined;
  /** Syncs that are under way. */
  waiting = 0;

  readonly wrap = (file: FileHandle): SyncedFile => ({
    datasync: async () => {
      this.waiting += 1;
      await this.#held?.promise;
      this.waiting -= 1;
      if (this.failure !== undefined) throw this.failure;
      await file.datasync();
    },
  });

  hold(): void {
    this.#held = Promise.withResolvers();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }
}

/** A `state.db` in a folder of its own, which can be closed and opened again. Dispose to remove it. */
export class StateFolder implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'cambox-state-'));
  readonly path = join(this.dir, 'state.db');
  readonly disk = new UnreliableDisk();
  readonly #open = new Set<Database>();

  async open(): Promise<Database> {
    const db = await Database.open(this.path, { migrations: STATE_MIGRATIONS, wrapFile: this.disk.wrap });
    this.#open.add(db);
    return db;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disk.failure = undefined;
    this.disk.release();
    for (const db of this.#open) await db[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true });
  }
}
