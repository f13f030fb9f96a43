import type { EncoderName } from '../../base/encoder-names.ts';

/** Where a file stands in the row of files that are one recording: its first file has the recording's id. */
export interface ClipRow {
  readonly first: string;
  /** From 1 on. */
  readonly part: number;
  /** The file that this one goes on from. */
  readonly previous: string | undefined;
  /** Encoders that broke off in this recording, and are not to be tried again in it. */
  readonly failed: readonly EncoderName[];
}

/** Ids have 100 characters at the most; this leaves room for the part's number. */
const BASE_ID_LENGTH = 92;

export const firstInRow = (id: string): ClipRow => ({ first: id, part: 1, previous: undefined, failed: [] });

/** The row after `clip`, which stands at `row`; `failed`: its encoder, where that is why it ended. */
export const nextInRow = (row: ClipRow, clip: string, failed?: EncoderName): ClipRow => ({
  ...row,
  part: row.part + 1,
  previous: clip,
  failed: failed === undefined || row.failed.includes(failed) ? row.failed : [...row.failed, failed],
});

/** The id of the file at this place. */
export const idInRow = ({ first, part }: ClipRow): string =>
  part === 1 ? first : `${first.slice(0, BASE_ID_LENGTH)}-${part}`;

/** Whether `id` is this file or one that it goes on from. */
export function isOfRow(row: ClipRow, id: string): boolean {
  const part = id === row.first ? 1 : Number(/-(\d+)$/.exec(id)?.[1] ?? Number.NaN);
  return part >= 1 && part <= row.part && id === idInRow({ ...row, part });
}
