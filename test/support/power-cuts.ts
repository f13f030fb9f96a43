import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../src/catalog/database.ts';
import { Random } from '../fuzz/random.ts';
import { PowerlessDisk } from './powerless-disk.ts';

/** Looks at a database after a power cut; the number of the cut is for its messages. */
type Look = (after: Database, cut: number) => void;

export interface PowerCutOptions {
  readonly seed: number;
  readonly migrations: readonly string[];
  /** Called when the power is cut: notes what is confirmed by then, and gives back what looks for it. */
  confirmed(): Look;
}

/** A database whose power is cut before and after each of its syncs; what would be on the disk then is opened and looked at. */
export class PowerCuts implements Disposable {
  /** How often it was cut. */
  count = 0;
  private readonly dir = mkdtempSync(join(tmpdir(), 'cambox-power-'));
  private readonly path = join(this.dir, 'some.db');
  private readonly disk = new PowerlessDisk();
  private readonly random: Random;
  private readonly options: PowerCutOptions;

  constructor(options: PowerCutOptions) {
    this.options = options;
    this.random = new Random(options.seed);
  }

  open(): Promise<Database> {
    return Database.open(this.path, {
      migrations: this.options.migrations,
      wrapFile: (file, which) => {
        const synced = this.disk.watch(which === 'log' ? `${this.path}-wal` : this.path, file);
        return {
          datasync: async () => {
            await this.cut();
            await synced.datasync();
            await this.cut();
          },
        };
      },
    });
  }

  /** Cuts the power now: each page that was not synced is there or not, by chance. */
  async cut(): Promise<void> {
    const number = ++this.count;
    const after = join(this.dir, `after-${number}.db`);
    const alive = this.random.below(5) / 4;
    const isNew = (): boolean => this.random.below(100) < alive * 100;
    this.disk.cutPower(this.path, after, isNew);
    this.disk.cutPower(`${this.path}-wal`, `${after}-wal`, isNew);
    const look = this.options.confirmed();
    {
      await using db = await Database.open(after, { migrations: this.options.migrations });
      look(db, number);
    }
    for (const end of ['', '-wal', '-shm']) rmSync(after + end, { force: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true });
  }
}
