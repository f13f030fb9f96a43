import { CamboxError } from '../../base/errors.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;

/** The id before which a page begins: that of a cursor, or of the newest. Throws `bad_argument`. */
export function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return NEWEST;
  if (/^\d{1,16}$/.test(cursor)) return Number(cursor);
  const parts = { verb: 'list', thing: 'clips', reason: 'the cursor is none of ours', received: cursor };
  throw new CamboxError('bad_argument', parts);
}
