import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClipRecord } from '../../catalog/clips/clip-record.ts';
import { ClipFile } from '../clip/clip-file.ts';
import { readClipMetadata } from '../clip/clip-metadata-file.ts';
import { countFrames } from '../ffmpeg/count-frames.ts';
import { syncDirectory } from '../sync-directory.ts';
import { outcomeOf, recordOfResult } from './clip-records.ts';
import { unsavedMs } from './unsaved.ts';

export const PARTIAL = '.mp4.partial';
/** What nothing plays of, and what tells nothing of itself; for people to look at. */
export const QUARANTINE = 'quarantine';

/** A wall clock that stepped makes times of files useless; no disk is so much behind. */
const MOST_BEHIND_MS = 10_000;

export interface RecoveryOptions {
  readonly dir: string;
  readonly ffprobe: string;
  /** Today's boot of the machine. */
  readonly bootId: string;
}

/** `empty`: removed; `quarantined`: nothing in it plays. */
export type Recovered = ClipRecord | 'empty' | 'quarantined';

/**
 * Finish the file of a clip that was being recorded when the power or the service went: cut it off behind its last whole
 * fragment, have ffprobe read it, note in it what is known, rename it into place. Throws what the system says of the disk.
 */
export async function recoverPartial(name: string, options: RecoveryOptions): Promise<Recovered> {
  const { dir } = options;
  const file = new ClipFile(dir, name.slice(0, -PARTIAL.length));
  const { size, mtimeMs } = await stat(file.partial);
  if (size === 0) {
    await file.discard();
    return 'empty';
  }
  const metadata = await readClipMetadata(file.partial);
  const stored = await file.measure();
  if (typeof metadata === 'string' || stored === undefined || stored.frames === 0) return await quarantine(dir, name);
  await file.trim(stored.wholeBytes);
  const readable = await countFrames(options.ffprobe, file.partial).catch(() => undefined);
  if (readable === 0) return await quarantine(dir, name);
  const { beginning } = metadata;
  const lastFrameMs = Date.parse(beginning.started_at) + stored.spanMs;
  const behindMs = Math.min(MOST_BEHIND_MS, Math.max(0, mtimeMs - lastFrameMs));
  const end = beginning.boot_id === options.bootId ? 'crashed' : 'power_cut';
  const outcome =
    metadata.outcome ?? // everything was done but the renaming
    outcomeOf(
      beginning,
      { ...stored, frames: readable ?? stored.frames },
      {
        end,
        lostAtMostMs: behindMs + unsavedMs(end, stored),
        ...(readable === undefined && { detail: 'not checked: ffprobe did not read it' }),
      },
    );
  const bytes = await file.publish(outcome);
  const where = { bootId: beginning.boot_id, clockSynced: beginning.clock_synced ?? undefined };
  return recordOfResult(outcome, { file: name.slice(0, -'.partial'.length), bytes }, where);
}

async function quarantine(dir: string, name: string): Promise<'quarantined'> {
  const folder = join(dir, QUARANTINE);
  await mkdir(folder, { recursive: true });
  await rename(join(dir, name), join(folder, name));
  await syncDirectory(dir);
  return 'quarantined';
}
