import type { ClipSummary } from './clip-record.ts';
import { IDS_A_MS, type SummaryRow, summaryOf } from './clip-row.ts';
import { readCursor } from './cursor.ts';
import type { ClipFilter } from './search-words.ts';

/** Wanted clips, newest first. */
export interface ClipQuery extends ClipFilter {
  /** Wall-clock times in ms: started at or after, and before. */
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
  readonly limit: number;
}

export interface ClipPage {
  readonly clips: readonly ClipSummary[];
  /** The cursor of the next page; absent on the last one. */
  readonly next?: string;
}

/** From an id on, and before one; one clip more than there is room for tells whether there is another page. */
export interface WantedIds {
  readonly from: number;
  readonly until: number;
  readonly limit: number;
}

/** Throws `bad_argument` for a cursor that cannot be meant. */
export const wantedIds = ({ fromMs = 0, untilMs = Number.MAX_SAFE_INTEGER, cursor, limit }: ClipQuery): WantedIds => ({
  from: idAt(fromMs),
  until: Math.min(idAt(untilMs), readCursor(cursor)),
  limit: limit + 1,
});

/** `rows`: what was found of the wanted ids. */
export function pageOf(rows: readonly SummaryRow[], limit: number): ClipPage {
  const clips = rows.slice(0, limit);
  const last = clips.at(-1);
  const next = rows.length > limit && last !== undefined ? { next: String(last[0]) } : {};
  return { clips: clips.map(summaryOf), ...next };
}

/** The least id of a time. */
export const idAt = (ms: number): number => Math.min(Math.max(0, ms) * IDS_A_MS, Number.MAX_SAFE_INTEGER);
