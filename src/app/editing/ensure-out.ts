import { resolve } from 'node:path';
import { CamboxError } from '../../base/errors.ts';
import { ensureWritableDirectory } from '../../record/record-directory.ts';

/** Make the folder that a command writes into when it is missing. Throws `not_writable`. */
export async function ensureOut(folder: string, verb: string): Promise<void> {
  await ensureWritableDirectory(resolve(folder)).catch(({ cause }: CamboxError) => {
    throw new CamboxError('not_writable', {
      verb,
      thing: resolve(folder),
      reason: (cause as Error).message,
      remedy: 'Name a folder that you may write into with --out',
      cause,
    });
  });
}
