import { dirname } from 'node:path';
import { asCamboxError, CamboxError } from '../base/errors.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html): the low byte of `errcode`. */
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
export const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

function primaryCode(thrown: unknown): number | undefined {
  const code = thrown instanceof Error && 'errcode' in thrown ? thrown.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** What can be done about a database, where that hangs on what it holds. */
export interface DatabaseRemedies {
  /** On a full disk. */
  readonly full?: string;
  /** What becomes of it when it cannot be used: "made anew from the clips". */
  readonly anew?: string;
}

/** What becomes of a database of which nothing is said. */
export const BEGUN_ANEW = 'begun anew, without what it held';

/**
 * What SQLite threw, in our words: `disk_full`, `not_writable`, `busy`, `bad_input` (damaged), `device_failed`; what is
 * none of SQLite's stays what it is.
 */
export function databaseError(
  thrown: unknown,
  verb: string,
  path: string,
  { full, anew = BEGUN_ANEW }: DatabaseRemedies = {},
): CamboxError {
  const thing = `the database ${path}`;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const parts = { verb, thing, reason, cause: thrown };
  switch (primaryCode(thrown)) {
    case SQLITE_FULL:
      return new CamboxError('disk_full', { ...parts, remedy: full ?? `Make room on the disk of ${dirname(path)}` });
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return new CamboxError('not_writable', { ...parts, remedy: `Check the mount and the owner of ${dirname(path)}` });
    case SQLITE_BUSY:
      return new CamboxError('busy', { ...parts, remedy: 'Another program writes to it: end that' });
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new CamboxError('bad_input', {
        ...parts,
        remedy: `Check the disk; the service sees to it that it is ${anew}`,
      });
    case SQLITE_IOERR:
      return new CamboxError('device_failed', { ...parts, remedy: 'Check the disk: journalctl -k' });
    default:
      return asCamboxError(thrown, verb, thing);
  }
}
