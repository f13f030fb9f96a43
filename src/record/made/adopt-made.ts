import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MadeRecord } from '../../catalog/clips/made-record.ts';
import { findMovie, type MovieInFile } from '../media/movie-file.ts';
import { findTag } from '../media/mp4-tags.ts';
import { shownPart } from '../media/shown-part.ts';
import { type MadeName, parseMadeName, readClipId } from './made-names.ts';
import { type MadeNote, parseMadeNote } from './made-note.ts';

/**
 * The row of a file that a job made of clips, from its name and what it says of itself; undefined for any other file. One that
 * says nothing is taken for ours when its name has the id of a clip in it as `clip.start` makes them. Throws what the system
 * says of the file.
 */
export async function adoptMade(dir: string, file: string): Promise<MadeRecord | undefined> {
  const name = parseMadeName(file);
  if (name === undefined) return undefined;
  await using handle = await open(join(dir, file), 'r');
  const found = await findMovie(handle);
  if (found === undefined) return undefined;
  const { size, mtimeMs } = await handle.stat();
  const note = noteIn(found);
  const told = note === undefined ? toldByName(name, mtimeMs) : toldByNote(note);
  return told && { ...told, file, bytes: size, duration_ms: shownPart(found.movie)?.durationMs ?? 0 };
}

/**
 * Whether a job made this file of clips: by what it says of itself, whatever its name is by now, or as `adoptMade` goes by the name. Throws
 * what the system says of the file.
 */
export async function isMade(path: string): Promise<boolean> {
  const name = parseMadeName(basename(path));
  if (name !== undefined && readClipId(name.clip) !== undefined) return true;
  await using handle = await open(path, 'r');
  const found = await findMovie(handle);
  return found !== undefined && noteIn(found) !== undefined;
}

const noteIn = ({ body }: MovieInFile): MadeNote | undefined =>
  parseMadeNote(Buffer.from(findTag(body, 'comment') ?? []).toString());

type Told = Omit<MadeRecord, 'file' | 'bytes' | 'duration_ms'>;

const toldByNote = ({ kind, clip, camera, made_at, clock_synced, started_at, job }: MadeNote): Told => ({
  ...{ kind, clip, camera, made_at, clock_synced, started_at, job },
});

function toldByName({ kind, clip, fromMs }: MadeName, mtimeMs: number): Told | undefined {
  const id = readClipId(clip);
  return (
    id && {
      ...{ kind, clip, camera: id.camera },
      made_at: new Date(mtimeMs).toISOString(),
      clock_synced: null,
      started_at: new Date(id.startedMs + fromMs).toISOString(),
    }
  );
}
