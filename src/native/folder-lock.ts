import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { CamboxError } from '../base/errors.ts';
import type { NativeFunction } from './call-async.ts';
import { EAGAIN, errnoName } from './errno.ts';
import { lastErrno } from './koffi.ts';
import { libc } from './libc.ts';

/** flock(2). */
const LOCK_EX = 2;
const LOCK_NB = 4;
/** proc_locks(5): `1: FLOCK  ADVISORY  WRITE 4711 08:01:131090 0 EOF`, device in hex. */
const LOCKS_LINE = /^\d+: FLOCK +\S+ +WRITE +(\d+) +\S+:(\d+) /;

let flock: NativeFunction<[descriptor: number, operation: number], number> | undefined;

/**
 * The right to be the only one who writes to a folder, as long as it is held: a lock of the folder itself (flock(2)), which the kernel
 * takes back when its holder ends, however it ends. Who only reads does not ask for it. Children do not inherit it.
 */
export class FolderLock implements Disposable {
  /** Why there is no lock, where the file system has none: "ENOTSUP". Nobody is kept out then. */
  readonly missing: string | undefined;
  #descriptor: number | undefined;

  /** Throws `in_use`, telling who has it, and `not_writable` when the folder is not there or cannot be opened. */
  static take(folder: string): FolderLock {
    const descriptor = openFolder(folder);
    flock ??= libc().func('flock', 'int', ['int', 'int']);
    if (flock(descriptor, LOCK_EX | LOCK_NB) === 0) return new FolderLock(descriptor, undefined);
    const errno = lastErrno();
    if (errno !== EAGAIN) return new FolderLock(descriptor, errnoName(errno));
    const { ino } = fstatSync(descriptor);
    closeSync(descriptor);
    const holder = holderOf(ino);
    throw new CamboxError('in_use', {
      ...{ verb: 'write to', thing: folder },
      reason: `another cambox${holder === undefined ? '' : ` (process ${holder})`} does, and only one may`,
      remedy: 'End that one, or give each a folder of its own',
    });
  }

  private constructor(descriptor: number, missing: string | undefined) {
    this.#descriptor = descriptor;
    this.missing = missing;
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function openFolder(folder: string): number {
  try {
    return openSync(folder, 'r'); // closed on exec, as all that Node opens
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'it is not there' : message;
    const remedy = `Check the mount and the owner of ${folder}`;
    throw new CamboxError('not_writable', { verb: 'open', thing: `the folder ${folder}`, reason, remedy, cause });
  }
}

/** Its process, as far as the kernel tells: undefined in a container other than ours. */
function holderOf(inode: number): number | undefined {
  try {
    for (const line of readFileSync('/proc/locks', 'latin1').split('\n')) {
      const [, pid, locked] = LOCKS_LINE.exec(line) ?? [];
      if (Number(locked) === inode && Number(pid) > 0) return Number(pid);
    }
  } catch {
    return undefined; // it is hidden: ProcSubset=pid of systemd.exec(5)
  }
  return undefined;
}
