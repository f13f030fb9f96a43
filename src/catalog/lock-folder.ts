import type { Logger } from '../base/logger.ts';
import { FolderLock } from '../native/folder-lock.ts';

/** The folder of a database for its one writer. Throws as `FolderLock.take`; a file system without locks is logged, and used all the same. */
export function lockFolder(folder: string, logger: Logger): FolderLock {
  const lock = FolderLock.take(folder);
  const { missing } = lock;
  if (missing !== undefined)
    logger.warn('folder_not_locked', { folder, error: missing, instead: 'used without a lock' });
  return lock;
}
