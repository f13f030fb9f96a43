import * as z from 'zod/mini';
import { MADE_KINDS } from '../../catalog/clips/made-record.ts';
import type { ClipOrigin } from '../clip/clip-metadata.ts';

/** Which version of this a file carries. */
const VERSION = 1;

const NOTE = z.object({
  cambox_made: z.literal(VERSION),
  kind: z.enum(MADE_KINDS),
  clip: z.string(),
  camera: z.string(),
  box: z.string(),
  made_at: z.string(),
  clock_synced: z.nullable(z.boolean()),
  started_at: z.string(),
  job: z.string(),
});

/**
 * What a file that a job made of clips says of itself, as JSON in the tag `comment`: a catalogue that was lost is made anew from it. Keys as those of
 * `MadeRecord`.
 */
export type MadeNote = Readonly<z.output<typeof NOTE>>;

/** What it is made of. */
export interface MadeOf extends Pick<MadeNote, 'kind' | 'clip' | 'camera'> {
  /** The wall clock at its first picture. */
  readonly startedMs: number;
}

export const madeNote = (
  { kind, clip, camera, startedMs }: MadeOf,
  job: string,
  { box, clockSynced }: Pick<ClipOrigin, 'box' | 'clockSynced'>,
  nowMs: number,
): MadeNote => ({
  cambox_made: VERSION,
  ...{ kind, clip, camera, box },
  made_at: new Date(nowMs).toISOString(),
  clock_synced: clockSynced() ?? null,
  started_at: new Date(startedMs).toISOString(),
  job,
});

/** For ffmpeg to write. */
export const madeTags = (note: MadeNote): Readonly<Record<string, string>> => ({
  creation_time: note.started_at,
  comment: JSON.stringify(note),
});

/** Undefined for a comment that is none of these. Never throws. */
export function parseMadeNote(comment: string): MadeNote | undefined {
  try {
    return z.safeParse(NOTE, JSON.parse(comment)).data;
  } catch {
    return undefined;
  }
}
