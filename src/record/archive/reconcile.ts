import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asCamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type ClipRecord, withWords } from '../../catalog/clips/clip-record.ts';
import type { ListedFile } from '../../catalog/clips/clip-table.ts';
import type { ListedMade } from '../../catalog/clips/made-table.ts';
import type { ClipMetadata } from '../clip/clip-metadata.ts';
import { readClipMetadata } from '../clip/clip-metadata-file.ts';
import { adoptMade } from '../made/adopt-made.ts';
import { measureClip } from '../media/stored-clip.ts';
import { BATCH, type ClipArchive } from './clip-archive.ts';
import { outcomeOf, recordOfResult } from './clip-records.ts';
import { removeFile } from './delete-in-steps.ts';
import { filesIn } from './files-in.ts';
import { isMarkedProtected } from './protection-mark.ts';
import { PARTIAL, type RecoveryOptions, recoverPartial } from './recover-partial.ts';

const CLIP = '.mp4';
/** Clips whose file is gone: so many of the newest stay known. */
const MISSING_KEPT = 1000;

/** What was found at the start; counts of clips. */
export interface Progress {
  /** Of files to be looked at: how many there are, how many are done. */
  readonly total: number;
  done: number;
  /** Power cuts and crashes. */
  recovered: number;
  adopted: number;
  missing: number;
  /** Clips without a file that were too many to be kept. */
  forgotten: number;
  /** Deletions that were brought to their end. */
  deleted: number;
  quarantined: number;
  /** Files that are no clips of ours; they are left alone. */
  foreign: number;
  failed: number;
}

export interface ReconcileOptions extends Omit<RecoveryOptions, 'dir'> {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** True for a clip that is being recorded now. */
  isRecording(clip: string): boolean;
}

/** What there is to do. */
interface Plan {
  /** Files of clips that were being recorded. */
  readonly partials: readonly string[];
  /** Files of clips that the catalogue does not know, or believes to be gone. */
  readonly orphans: readonly string[];
  /** Clips whose deletion was begun, and clips whose file is gone. */
  readonly deleting: readonly ListedFile[];
  readonly gone: readonly ListedFile[];
  /** Clips without a file that are too many. */
  readonly surplus: readonly ListedFile[];
  /** The same of files that were made of clips. */
  readonly madeDeleting: readonly string[];
  readonly madeGone: readonly string[];
}

/**
 * Brings catalogue and folder in step after a start: finishes files that were being recorded, finishes deletions, adopts
 * clips that the catalogue does not know, marks those whose file is gone. One file at a time, beside everything else. A file
 * that cannot be handled is logged and left.
 */
export class Reconciliation {
  readonly progress: Progress;
  readonly #archive: ClipArchive;
  readonly #options: ReconcileOptions;
  readonly #plan: Plan;
  #adopted: ClipRecord[] = [];

  /** Throws what keeps the folder from being read. */
  static async plan(archive: ClipArchive, options: ReconcileOptions): Promise<Reconciliation> {
    const idle = (name: string): boolean => !options.isRecording(name.slice(0, name.indexOf(CLIP)));
    const files = (await filesIn(archive.dir)).filter(idle);
    return new Reconciliation(archive, options, planFor(files, archive.files(), archive.made.files()));
  }

  private constructor(archive: ClipArchive, options: ReconcileOptions, plan: Plan) {
    const { partials, orphans, deleting, gone, surplus, madeDeleting, madeGone } = plan;
    const lists = [partials, orphans, deleting, gone, surplus, madeDeleting, madeGone];
    this.#archive = archive;
    this.#options = options;
    this.#plan = plan;
    this.progress = {
      ...{ total: lists.reduce((sum, { length }) => sum + length, 0), done: 0 },
      ...{ recovered: 0, adopted: 0, missing: 0, forgotten: 0, deleted: 0, quarantined: 0, foreign: 0, failed: 0 },
    };
  }

  async run(): Promise<void> {
    const { partials, orphans, deleting, gone, surplus, madeDeleting, madeGone } = this.#plan;
    await this.#each(partials, String, (name) => this.#recover(name));
    await this.#each(deleting, fileOf, (row) => this.#finishDeletion(row));
    await this.#each(madeDeleting, String, (file) => this.#finishDeletionOfMade(file));
    await this.#each(orphans, String, (name) => this.#adopt(name));
    await this.#storeAdopted();
    await this.#inBatches(gone.map(clipOf), (clips) => this.#markMissing(clips));
    await this.#inBatches(surplus.map(clipOf), (clips) => this.#forget(clips));
    await this.#inBatches(madeGone, (files) => this.#archive.made.forget(files));
    // what could not be recovered may be at the next start
    if (!this.#options.signal.aborted && this.progress.failed === 0) await this.#archive.triggers.settle();
    this.#options.logger.info('catalog_ready', { ...this.progress });
  }

  async #each<T>(items: readonly T[], nameOf: (item: T) => string, work: (item: T) => Promise<void>): Promise<void> {
    for (const item of items) {
      if (this.#options.signal.aborted) return;
      await this.#attempt(nameOf(item), () => work(item));
      this.progress.done += 1;
    }
  }

  /** Changes of rows alone: those of a batch share a transaction, and a wait for the disk. */
  async #inBatches(names: readonly string[], work: (batch: readonly string[]) => Promise<void>): Promise<void> {
    for (let at = 0; at < names.length && !this.#options.signal.aborted; at += BATCH) {
      const batch = names.slice(at, at + BATCH);
      await this.#attempt(batch.join(', '), () => work(batch));
      this.progress.done += batch.length;
    }
  }

  /** What fails is logged and counted; the others go on. */
  async #attempt(file: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.progress.failed += 1;
      const { code, message } = asCamboxError(thrown, 'recover', file);
      this.#options.logger.warn('clip_not_recovered', { file, code, problem: message });
    }
  }

  async #recover(name: string): Promise<void> {
    const { logger } = this.#options;
    const outcome = await recoverPartial(name, { ...this.#options, dir: this.#archive.dir });
    if (outcome === 'quarantined') this.progress.quarantined += 1;
    if (typeof outcome === 'string') {
      logger.warn('clip_not_playable', { file: name, fate: outcome });
      return;
    }
    await this.#archive.put([outcome]);
    this.progress.recovered += 1;
    const { clip, camera, end, frames, duration_ms, lost_at_most_ms } = outcome;
    logger.warn('clip_recovered', { clip, camera, end, frames, duration_ms, lost_at_most_ms });
  }

  async #finishDeletion({ clip, file }: ListedFile): Promise<void> {
    await removeFile(this.#archive.dir, file);
    await this.#archive.forget([clip]);
    this.progress.deleted += 1;
  }

  async #finishDeletionOfMade(file: string): Promise<void> {
    await removeFile(this.#archive.dir, file);
    await this.#archive.made.forget([file]);
    this.progress.deleted += 1;
  }

  async #adopt(name: string): Promise<void> {
    const path = join(this.#archive.dir, name);
    const metadata = await readClipMetadata(path);
    if (typeof metadata === 'string') {
      await this.#adoptMade(name);
      return;
    }
    this.#adopted.push(withWordsOf(this.#archive, await recordOf(path, metadata)));
    if (this.#adopted.length >= BATCH) await this.#storeAdopted();
  }

  async #adoptMade(name: string): Promise<void> {
    const made = await adoptMade(this.#archive.dir, name);
    if (made === undefined) this.progress.foreign += 1;
    else {
      await this.#archive.made.put([made]);
      this.progress.adopted += 1;
    }
  }

  async #storeAdopted(): Promise<void> {
    const records = this.#adopted;
    this.#adopted = [];
    if (records.length > 0) await this.#archive.put(records);
    this.progress.adopted += records.length;
  }

  async #markMissing(clips: readonly string[]): Promise<void> {
    await this.#archive.markMissing(clips);
    this.progress.missing += clips.length;
  }

  async #forget(clips: readonly string[]): Promise<void> {
    await this.#archive.forget(clips);
    this.progress.forgotten += clips.length;
  }
}

const clipOf = ({ clip }: ListedFile): string => clip;
const fileOf = ({ file }: ListedFile): string => file;

/** `files`: those of the folder that nobody writes to. Pure. */
function planFor(files: readonly string[], rows: readonly ListedFile[], made: readonly ListedMade[]): Plan {
  const there = new Set(files);
  const absent = rows.filter(({ state, file }) => state !== 'deleting' && !there.has(file));
  const states = new Map<string, string>([...rows, ...made].map(({ file, state }) => [file, state]));
  return {
    partials: files.filter((name) => name.endsWith(PARTIAL)),
    // names begin with the time: clips come to the catalogue in the order in which they were recorded
    orphans: files
      .filter((name) => name.endsWith(CLIP) && [undefined, 'missing'].includes(states.get(name)))
      .toSorted(),
    deleting: rows.filter(({ state }) => state === 'deleting'),
    gone: absent.slice(-MISSING_KEPT).filter(({ state }) => state !== 'missing'),
    surplus: absent.slice(0, -MISSING_KEPT),
    madeDeleting: made.filter(({ state }) => state === 'deleting').map(({ file }) => file),
    madeGone: made.filter(({ state, file }) => state === 'ready' && !there.has(file)).map(({ file }) => file),
  };
}

/** What the file of a clip tells of it. */
async function recordOf(path: string, { beginning, outcome }: ClipMetadata): Promise<ClipRecord> {
  const { size, mode } = await stat(path);
  const told =
    outcome ?? outcomeOf(beginning, await measureClip(path), { end: 'crashed', detail: 'how it ended is not known' });
  const where = { bootId: beginning.boot_id, clockSynced: beginning.clock_synced ?? undefined };
  const record = recordOfResult(told, { file: basename(path), bytes: size }, where);
  return { ...record, protected: isMarkedProtected(mode) };
}

/** A clip whose file was gone and came back keeps what people had written to it. */
function withWordsOf(archive: ClipArchive, record: ClipRecord): ClipRecord {
  const before = archive.lookUp(record.clip);
  if (before === undefined) return record;
  return withWords({ ...record, protected: before.protected || record.protected }, before);
}
