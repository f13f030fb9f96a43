import { type FileHandle, open } from 'node:fs/promises';
import type { ClipWords } from '../../catalog/clips/clip-record.ts';
import { readMp4Header } from '../media/mp4-header.ts';
import { findTag } from '../media/mp4-tags.ts';
import type { ClipResult } from './clip.ts';
import {
  type ClipBeginning,
  type ClipMetadata,
  type ClipOutcomeNote,
  OUTCOME_BYTES,
  outcomeText,
  parseBeginning,
  parseOutcome,
} from './clip-metadata.ts';

/** Why a file says nothing of itself: it is no MP4 of ours, or none of a clip (or of another version). */
export type NoMetadata = 'no_mp4' | 'no_clip';

/** The tags that a clip's file begins with, for ffmpeg to write. */
export const beginningTags = (beginning: ClipBeginning): Readonly<Record<string, string>> => ({
  ...(beginning.label !== undefined && { title: beginning.label }),
  creation_time: beginning.started_at,
  comment: JSON.stringify(beginning),
  description: ' '.repeat(OUTCOME_BYTES),
});

/**
 * What a clip's file (also one that is still being written, or was torn) says of itself. Throws only what the system says
 * of the file: `ENOENT`, `EIO`.
 */
export async function readClipMetadata(path: string): Promise<ClipMetadata | NoMetadata> {
  await using file = await open(path, 'r');
  const header = await readMp4Header(file);
  if (header === undefined) return 'no_mp4';
  const textOf = (tag: 'comment' | 'description'): string => Buffer.from(findTag(header.body, tag) ?? []).toString();
  const beginning = parseBeginning(textOf('comment'));
  if (beginning === undefined) return 'no_clip';
  return { beginning, outcome: parseOutcome(textOf('description')) };
}

/**
 * Write into a clip's file what became of it, in the room kept for that. A file without such room, as one of an older
 * version, stays as it is: false.
 */
export const writeClipOutcome = (file: FileHandle, result: ClipResult | ClipOutcomeNote): Promise<boolean> =>
  fillRoom(file, () => result);

/** Add to what became of a clip what people wrote to it since, in the same room. False for a file without an outcome. */
export const writeClipWords = (file: FileHandle, words: ClipWords): Promise<boolean> =>
  fillRoom(file, (before) => {
    const outcome = parseOutcome(before);
    return outcome && { ...outcome, words };
  });

async function fillRoom(
  file: FileHandle,
  noteFor: (before: string) => ClipResult | ClipOutcomeNote | undefined,
): Promise<boolean> {
  const header = await readMp4Header(file);
  const room = header && findTag(header.body, 'description');
  if (header === undefined || room === undefined) return false;
  const note = noteFor(Buffer.from(room).toString());
  const text = note && outcomeText(note, room.length);
  if (text === undefined) return false;
  await file.write(text, 0, text.length, header.at + (room.byteOffset - header.body.byteOffset));
  return true;
}
