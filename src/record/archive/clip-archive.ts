import { basename, dirname, join, resolve } from 'node:path';
import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ResourceStack } from '../../base/resource-stack.ts';
import { BroadSearch } from '../../catalog/clips/broad-search.ts';
import { type ClipPage, type ClipQuery, pageOf, wantedIds } from '../../catalog/clips/clip-page.ts';
import { CLIP_WORDS, type ClipRecord } from '../../catalog/clips/clip-record.ts';
import {
  type CameraClip,
  type CameraSpan,
  type ClipChange,
  ClipTable,
  type ListedFile,
  noSuchClip,
  type Usage,
} from '../../catalog/clips/clip-table.ts';
import { openCatalog } from '../../catalog/clips/open-catalog.ts';
import type { Deletable } from '../../catalog/clips/retention.ts';
import type { Database } from '../../catalog/database.ts';
import { lockFolder } from '../../catalog/lock-folder.ts';
import { putAside } from '../../catalog/put-aside.ts';
import type { ClipResult } from '../clip/clip.ts';
import { FilesInUse } from '../made/files-in-use.ts';
import { countOf } from './archive-counts.ts';
import { ClipMarks } from './clip-marks.ts';
import { atCorrectedTime, type RecordedWhere, recordOfResult } from './clip-records.ts';
import { ClipTriggers } from './clip-triggers.ts';
import { type DeletionDeps, deleteInSteps } from './delete-in-steps.ts';
import { MadeFiles } from './made-files.ts';
import { SpareRoom } from './spare-room.ts';

export const CATALOGUE_FILE = 'catalog.db';
/** Clips that are written in one transaction: about a millisecond of the event loop. */
export const BATCH = 16;

export interface ArchiveOptions {
  /** The recording folder. */
  readonly dir: string;
  readonly logger: Logger;
  /** In the file name of a damaged catalogue that is kept. */
  readonly nowMs: number;
  /** Files that jobs read now. */
  readonly inUse?: FilesInUse;
  /** What was found wrong with the catalogue while it was used: it is made anew, whatever a look at it says now. */
  readonly damage?: CamboxError;
}

interface ArchiveParts {
  readonly rebuilt: boolean;
  readonly room: SpareRoom;
  /** Nobody else writes to the folder. */
  readonly lock: Disposable;
}

/**
 * The clips of the recording folder and the catalogue of them, kept in step. Order of steps, so that a power cut between any
 * two leaves nothing that the next start could not tell: a new clip's file is in place and on the disk before its row; a
 * clip that is deleted is marked so before its file goes, and its row goes last.
 */
export class ClipArchive implements AsyncDisposable {
  readonly dir: string;
  /** The catalogue was damaged, and was made anew. */
  readonly rebuilt: boolean;
  /** For the catalogue itself, when the disk is full. */
  readonly room: SpareRoom;
  /** What jobs made of the clips. */
  readonly made: MadeFiles;
  readonly triggers: ClipTriggers;
  readonly #db: Database;
  readonly #lock: Disposable;
  readonly #clips: ClipTable;
  readonly #broad: BroadSearch;
  readonly #deps: DeletionDeps;
  readonly #marks: ClipMarks;
  #usage: readonly Usage[] | undefined;

  /**
   * A damaged catalogue is put aside and begun anew; on a full disk the room that is kept for it is given up. Throws
   * `in_use` when another process has the folder, `not_writable`, `disk_full`, `unsupported`, `device_failed`.
   */
  static async open(options: ArchiveOptions): Promise<ClipArchive> {
    const path = join(options.dir, CATALOGUE_FILE);
    await using opening = new ResourceStack();
    const lock = opening.use(lockFolder(options.dir, options.logger));
    const room = new SpareRoom(`${path}.spare`);
    const openIt = async (rebuilt: boolean): Promise<ClipArchive> => {
      await using trying = new ResourceStack();
      const db = trying.use(await room.orGiveUp(() => openCatalog(path)));
      const archive = db.read('open', () => new ClipArchive(db, options, { rebuilt, room, lock }));
      trying.move();
      opening.move();
      return archive;
    };
    try {
      if (options.damage !== undefined) throw options.damage;
      return await openIt(false);
    } catch (failure) {
      if (!(failure instanceof CamboxError && failure.code === 'bad_input')) throw failure;
      const kept = await putAside(path, options.nowMs);
      options.logger.error('catalog_damaged', { problem: failure.message, kept, instead: 'made anew from the clips' });
      return await openIt(true);
    }
  }

  private constructor(db: Database, options: ArchiveOptions, { rebuilt, room, lock }: ArchiveParts) {
    const { dir, logger, inUse = new FilesInUse() } = options;
    this.dir = resolve(dir);
    this.rebuilt = rebuilt;
    this.#db = db;
    this.#lock = lock;
    this.#clips = new ClipTable(db);
    this.#broad = new BroadSearch(db);
    this.room = room;
    this.#deps = { dir: this.dir, logger };
    this.#marks = new ClipMarks(this.#deps);
    this.triggers = new ClipTriggers(db);
    this.made = new MadeFiles({ ...this.#deps, db, inUse });
  }

  /** A clip whose file is in place. Resolves when it is on the disk. */
  add(result: ClipResult, where: RecordedWhere): Promise<void> {
    const { path, bytes } = result;
    // Another folder: the config was changed. Found there at the next start.
    if (path === null) return this.triggers.noteFailure(result);
    if (dirname(path) !== this.dir) return Promise.resolve();
    return this.put([recordOfResult(result, { file: basename(path), bytes }, where)]);
  }

  /** Clips that were found. Those the catalogue has are replaced. */
  put(records: readonly ClipRecord[]): Promise<void> {
    return this.#write('write a clip into', () => {
      for (const record of records) this.#clips.put(record);
    });
  }

  /** Throws `bad_argument`. */
  find(query: ClipQuery): ClipPage {
    return this.#db.read('search', () => this.#clips.find(query));
  }

  /** The same, in steps where it takes long: nobody is held up. */
  async search(query: ClipQuery): Promise<ClipPage> {
    const plan = this.#db.read('search', () => this.#broad.plan(query));
    if (plan === undefined) return this.find(query);
    const found = await this.#broad.find(plan, wantedIds(query)).catch((thrown) => {
      throw this.#db.failure('search', thrown);
    });
    return pageOf(found, query.limit);
  }

  lookUp(clip: string): ClipRecord | undefined {
    return this.#db.read('read', () => this.#clips.get(clip));
  }

  /** Throws `not_found`. */
  get(clip: string): ClipRecord {
    const record = this.lookUp(clip);
    if (record === undefined) throw noSuchClip(clip);
    return record;
  }

  /** Resolves when it is on the disk. Throws `not_found`. */
  async change(clip: string, change: ClipChange): Promise<ClipRecord> {
    const record = await this.#write('change a clip of', () => this.#clips.change(clip, change));
    if (change.protected !== undefined) await this.#marks.protection(record);
    if (CLIP_WORDS.some((name) => name in change)) await this.#marks.words(record, () => this.get(clip));
    return record;
  }

  /**
   * The clock was set by `stepMs`: correct the times of the clips of this boot that came from a clock that was not known to
   * be right, and of the triggers of those under way. Resolves to how many clips there were, when it is on the disk.
   */
  async correctTimes(bootId: string, stepMs: number, underWay: readonly string[] = []): Promise<number> {
    await this.#db.write('correct triggers of', () => {
      for (const clip of underWay) this.triggers.shift(clip, stepMs);
    });
    const clips = this.#db.read('read', () => this.#clips.unsyncedOf(bootId));
    for (let at = 0; at < clips.length; at += BATCH) {
      await this.#write('correct clips of', () => {
        for (const clip of clips.slice(at, at + BATCH)) {
          const record = this.#clips.get(clip);
          if (record === undefined) continue;
          this.#clips.put(atCorrectedTime(record, stepMs));
          this.triggers.shift(clip, stepMs);
        }
      });
    }
    return clips.length;
  }

  /**
   * Remove a clip, file and row; resolves to what it was. A full disk does not keep its file. Throws `not_found`,
   * `conflict` when it is protected, `not_writable`.
   */
  async delete(clip: string): Promise<ClipRecord> {
    const record = this.get(clip);
    if (record.protected) throw isProtected(clip);
    await deleteInSteps({ name: clip, file: record.file }, this.#deps, {
      mark: () => this.change(clip, { state: 'deleting' }),
      unmark: () => this.change(clip, { state: record.state }),
      forget: () => this.forget([clip]),
    });
    return record;
  }

  /** Remove rows. */
  forget(clips: readonly string[]): Promise<void> {
    return this.#write('remove a clip from', () => {
      for (const clip of clips) {
        this.#clips.remove(clip);
        this.triggers.forget(clip);
      }
    });
  }

  /** The files of these clips are gone. Those that the catalogue does not have any more are left out. */
  async markMissing(clips: readonly string[]): Promise<void> {
    await this.#write('change clips of', () => {
      for (const clip of clips) if (this.#clips.get(clip) !== undefined) this.#clips.change(clip, { state: 'missing' });
    });
  }

  /** Of every clip, with its state, the oldest first. */
  files(): readonly ListedFile[] {
    return this.#db.read('read', () => this.#clips.files());
  }

  /** See `ClipTable.ofCamera`. */
  ofCamera(span: CameraSpan): readonly CameraClip[] {
    return this.#db.read('read', () => this.#clips.ofCamera(span));
  }

  /** What the clips of each camera take; counted again after changes only. */
  usage(): readonly Usage[] {
    this.#usage ??= this.#db.read('read', () => this.#clips.usage());
    return this.#usage;
  }

  /** See `ClipTable.oldest`. */
  oldest(...wanted: Parameters<ClipTable['oldest']>): Deletable | undefined {
    return this.#db.read('read', () => this.#clips.oldest(...wanted));
  }

  /** See `ClipTable.oldestOfClasses`. */
  oldestOfClasses(...wanted: Parameters<ClipTable['oldestOfClasses']>): readonly Deletable[] {
    return this.#db.read('read', () => this.#clips.oldestOfClasses(...wanted));
  }

  /** The most bytes a second that the last clips of a camera took; undefined when it has none. */
  rateOf(camera: string): number | undefined {
    return this.#db.read('read', () => this.#clips.rateOf(camera));
  }

  /** Bytes of the clips that started since then, and when the first of them did. */
  recordedSince(sinceMs: number): ReturnType<ClipTable['recordedSince']> {
    return this.#db.read('read', () => this.#clips.recordedSince(sinceMs));
  }

  /** See `Database.damaged`. */
  get damaged(): AbortSignal {
    return this.#db.damaged;
  }

  /** See `Database.problem`. */
  get problem(): CamboxError | undefined {
    return this.#db.problem;
  }

  /** Plain JSON for the health report. */
  report(): Readonly<Record<string, unknown>> {
    return { ...countOf(this.usage(), this.made.usage()), sync_failures: this.#db.syncFailures };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#marks.settled;
    await this.#db[Symbol.asyncDispose]();
    this.#lock[Symbol.dispose]();
  }

  #write<T>(what: string, work: () => T): Promise<T> {
    return this.#db.write(what, () => {
      this.#usage = undefined;
      const result = work();
      this.#clips.tidy();
      return result;
    });
  }
}

const isProtected = (clip: string): CamboxError =>
  new CamboxError('conflict', {
    verb: 'delete',
    thing: `clip ${clip}`,
    reason: 'it is protected',
    remedy: `Take the protection away first: cambox clips protect ${clip} --off`,
  });
