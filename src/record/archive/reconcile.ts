import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asCamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { ClipRecord } from '../../catalog/clip-record.ts';
import type { ClipMetadata } from '../clip/clip-metadata.ts';
import { readClipMetadata } from '../clip/clip-metadata-file.ts';
import { measureClip } from '../media/stored-clip.ts';
import { BATCH, type ClipArchive, filesIn } from './clip-archive.ts';
import { outcomeOf, recordOfResult } from './clip-records.ts';
import { isMarkedProtected } from './protection-mark.ts';
import { PARTIAL, type RecoveryOptions, recoverPartial } from './recover-partial.ts';

const CLIP = '.mp4';

/** What was found at the start; counts of clips. */
export interface Reconciliation {
  /** Of files to be looked at: how many there are, how many are done. */
  readonly total: number;
  done: number;
  /** Power cuts and crashes. */
  recovered: number;
  adopted: number;
  missing: number;
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

/** What there is to do; `run` does it. */
export interface PlannedReconciliation {
  readonly progress: Reconciliation;
  run(): Promise<void>;
}

/**
 * Bring catalogue and folder in step after a start: finish files that were being recorded, finish deletions, adopt clips
 * that the catalogue does not know, mark those whose file is gone. One file at a time, beside everything else. A file that
 * cannot be handled is logged and left. Throws what keeps the folder from being read.
 */
export async function planReconciliation(
  archive: ClipArchive,
  options: ReconcileOptions,
): Promise<PlannedReconciliation> {
  const files = await filesIn(archive.dir);
  const rows = archive.files();
  const there = new Set(files);
  const known = new Map(rows.map((row) => [row.file, row]));
  const idle = (name: string): boolean => !options.isRecording(name.slice(0, name.indexOf(CLIP)));
  const partials = files.filter((name) => name.endsWith(PARTIAL) && idle(name));
  const orphans = files.filter(
    (name) => name.endsWith(CLIP) && known.get(name)?.state !== 'deleting' && isUnknown(name),
  );
  const deleting = rows.filter(({ state }) => state === 'deleting');
  const gone = rows.filter(({ state, file }) => state !== 'deleting' && state !== 'missing' && !there.has(file));

  function isUnknown(name: string): boolean {
    const row = known.get(name);
    return (row === undefined || row.state === 'missing') && idle(name);
  }

  const progress: Reconciliation = {
    ...{ total: partials.length + orphans.length + deleting.length + gone.length, done: 0 },
    ...{ recovered: 0, adopted: 0, missing: 0, deleted: 0, quarantined: 0, foreign: 0, failed: 0 },
  };

  async function each<T>(items: readonly T[], nameOf: (item: T) => string, work: (item: T) => Promise<void>) {
    for (const item of items) {
      if (options.signal.aborted) return;
      try {
        await work(item);
      } catch (thrown) {
        progress.failed += 1;
        const { code, message } = asCamboxError(thrown, 'recover', nameOf(item));
        options.logger.warn('clip_not_recovered', { file: nameOf(item), code, problem: message });
      }
      progress.done += 1;
    }
  }

  const adopted: ClipRecord[] = [];
  const store = (): Promise<void> => archive.put(adopted.splice(0));

  async function recover(name: string): Promise<void> {
    const outcome = await recoverPartial(name, { ...options, dir: archive.dir });
    if (outcome === 'quarantined') progress.quarantined += 1;
    if (typeof outcome === 'string') {
      options.logger.warn('clip_not_playable', { file: name, fate: outcome });
      return;
    }
    await archive.put([outcome]);
    progress.recovered += 1;
    const { clip, camera, end, frames, duration_ms, lost_at_most_ms } = outcome;
    options.logger.warn('clip_recovered', { clip, camera, end, frames, duration_ms, lost_at_most_ms });
  }

  async function adopt(name: string): Promise<void> {
    const path = join(archive.dir, name);
    const metadata = await readClipMetadata(path);
    if (typeof metadata === 'string') {
      progress.foreign += 1;
      return;
    }
    adopted.push(withWordsOf(archive, await recordOf(path, metadata)));
    progress.adopted += 1;
    if (adopted.length >= BATCH) await store();
  }

  return {
    progress,
    async run() {
      await each(partials, String, recover);
      await each(
        deleting,
        ({ file }) => file,
        async ({ clip, file }) => {
          await archive.removeFile(file);
          await archive.forget([clip]);
          progress.deleted += 1;
        },
      );
      await each(orphans, String, adopt);
      if (adopted.length > 0) await store();
      await each(
        gone,
        ({ file }) => file,
        async ({ clip }) => {
          await archive.change(clip, { state: 'missing' });
          progress.missing += 1;
        },
      );
      options.logger.info('catalog_ready', { ...progress });
    },
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
  const { label, place, events, notes } = before;
  return {
    ...record,
    protected: before.protected || record.protected,
    ...(label !== undefined && { label }),
    ...(place !== undefined && { place }),
    ...(events !== undefined && { events }),
    ...(notes !== undefined && { notes }),
  };
}
