import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { syncDirectory } from '../sync-directory.ts';

export interface DeletionDeps {
  /** The recording folder. */
  readonly dir: string;
  readonly logger: Logger;
}

/** What is written to the catalogue on the way; each resolves when it is on the disk. */
export interface DeletionSteps {
  mark(): Promise<unknown>;
  unmark(): Promise<unknown>;
  forget(): Promise<unknown>;
}

/**
 * Delete a file that has a row: the row is marked, the file goes, the folder is synced, the row goes. A full disk does not keep
 * its file: where nothing can be written any more, removing the file is what helps, and the row is found to be without a file later.
 * Throws `not_writable`; the row is as it was then.
 */
export async function deleteInSteps(
  { name, file }: { readonly name: string; readonly file: string },
  { dir, logger }: DeletionDeps,
  steps: DeletionSteps,
): Promise<void> {
  const notWritten = (failure: unknown): void => {
    const { code, message } = asCamboxError(failure, 'change', name);
    logger.warn('catalog_not_written', { clip: name, code, problem: message });
  };
  await steps.mark().catch(notWritten);
  try {
    await removeFile(dir, file);
  } catch (failure) {
    await steps.unmark().catch(notWritten);
    throw failure;
  }
  await steps.forget().catch(notWritten);
}

/** Remove a file of a folder, if it is there. Throws `not_writable`. */
export async function removeFile(dir: string, file: string): Promise<void> {
  try {
    await unlink(join(dir, file));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new CamboxError('not_writable', { verb: 'delete', thing: file, reason: message, cause });
  }
  await syncDirectory(dir);
}
