import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { MadeRecord } from '../../catalog/clips/made-record.ts';
import { type MadeName, parseMadeName, readClipId } from '../made/made-names.ts';
import { type MadeNote, parseMadeNote } from '../made/made-note.ts';
import { findMovie } from '../media/movie-file.ts';
import { findTag } from '../media/mp4-tags.ts';
import { shownPart } from '../media/shown-part.ts';

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
  const note = parseMadeNote(Buffer.from(findTag(found.body, 'comment') ?? []).toString());
  const told = note === undefined ? toldByName(name, mtimeMs) : toldByNote(note);
  return told && { ...told, file, bytes: size, duration_ms: shownPart(found.movie)?.durationMs ?? 0 };
}

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
