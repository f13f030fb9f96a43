import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CamboxError } from '../../base/errors.ts';
import { isMade } from '../made/adopt-made.ts';
import type { ClipMetadata } from './clip-metadata.ts';
import { readClipMetadata } from './clip-metadata-file.ts';

/** A finished clip as it lies in the recording directory. */
export interface FoundClip {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  /** Undefined: the file says nothing of itself, as one of another program. */
  readonly metadata: ClipMetadata | undefined;
}

/** Which clips are wanted; what is left out does not matter. */
export interface ClipChoice {
  /** Empty: of any id, but for what jobs made of clips. */
  readonly ids: readonly string[];
  /** Clips of these ids may have been removed meanwhile; otherwise that is an error. */
  readonly mayBeGone?: boolean;
  readonly camera: string | undefined;
  readonly label: string | undefined;
  /** Of the first frame, milliseconds since 1970: from, and before. Files that do not tell are not wanted then. */
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
  /** What the catalogue has of a clip, where there is one: words and times that were put right later. */
  readonly known?: (id: string) => KnownClip | undefined;
}

export interface KnownClip {
  readonly label?: string;
  readonly started_at: string;
}

const SUFFIX = '.mp4';

/**
 * The finished clips of a directory that are wanted, the oldest first. Files that go away meanwhile are passed over. Throws
 * `not_found` (no such directory, or no clip of an id that was named), `not_permitted`.
 */
export async function findClips(dir: string, choice: ClipChoice): Promise<readonly FoundClip[]> {
  const names = await namesIn(dir);
  const ids = names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
  const gone = choice.ids.find((id) => !ids.includes(id));
  if (gone !== undefined && choice.mayBeGone !== true) throw noSuchClip(gone, dir, names);
  const found: FoundClip[] = [];
  for (const id of choice.ids.length > 0 ? ids.filter((name) => choice.ids.includes(name)) : ids) {
    const clip = await look(dir, id, choice.ids.length > 0);
    if (clip !== undefined && isWanted(clip, choice)) found.push(clip);
  }
  return found.toSorted((a, b) => (startOf(a) ?? 0) - (startOf(b) ?? 0) || (a.id < b.id ? -1 : 1));
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const remedy = 'Name the recording directory with --dir';
    throw new CamboxError(code === 'EACCES' ? 'not_permitted' : 'not_found', {
      ...{ verb: 'look for clips in', thing: dir, reason: message, remedy, cause },
    });
  }
}

function noSuchClip(id: string, dir: string, names: readonly string[]): CamboxError {
  const isRecorded = names.includes(`${id}${SUFFIX}.partial`);
  const reason = isRecorded ? 'it is still being recorded, or was torn' : `there is no ${id}${SUFFIX} in ${dir}`;
  return new CamboxError('not_found', { verb: 'find', thing: `clip ${id}`, reason });
}

async function look(dir: string, id: string, alsoMade: boolean): Promise<FoundClip | undefined> {
  const path = join(dir, `${id}${SUFFIX}`);
  try {
    const about = await stat(path);
    if (!about.isFile()) return undefined;
    const metadata = await readClipMetadata(path);
    if (!alsoMade && typeof metadata === 'string' && (await isMade(path))) return undefined;
    return { id, path, bytes: about.size, metadata: typeof metadata === 'string' ? undefined : metadata };
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure;
  }
}

/** When its first frame was taken; undefined when nobody knows. */
function startOf({ metadata }: FoundClip): number | undefined {
  const ms = Date.parse(metadata?.outcome?.started_at ?? metadata?.beginning.started_at ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

function isWanted(clip: FoundClip, { camera, label, sinceMs, untilMs, known }: ClipChoice): boolean {
  const { beginning, outcome } = clip.metadata ?? {};
  const record = known?.(clip.id);
  const start = record === undefined ? startOf(clip) : Date.parse(record.started_at);
  const itsLabel = record === undefined ? (outcome?.words?.label ?? beginning?.label) : record.label;
  return (
    (camera === undefined || beginning?.camera === camera) &&
    (label === undefined || itsLabel === label) &&
    (sinceMs === undefined || (start !== undefined && start >= sinceMs)) &&
    (untilMs === undefined || (start !== undefined && start < untilMs))
  );
}
