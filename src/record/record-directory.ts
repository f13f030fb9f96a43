import { access, constants, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CamboxError } from '../base/errors.ts';

/** Make the directory when it is missing and check that files can be made in it. Throws `not_writable`. */
export async function ensureWritableDirectory(dir: string): Promise<void> {
  try {
    await makeDirectory(dir);
    await access(`${dir}/.`, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw notWritable(dir, cause as NodeJS.ErrnoException);
  }
}

/** What to say when files cannot be made in the recording directory. */
export function notWritable(dir: string, cause: NodeJS.ErrnoException): CamboxError {
  const user = process.getuid?.();
  return new CamboxError('not_writable', {
    verb: 'record into',
    thing: dir,
    reason: cause.message,
    remedy:
      cause.code === 'EROFS'
        ? 'The file system is read-only: remount it, or set record.dir elsewhere'
        : `Make it writable for user ${user}: sudo install -d -o ${user} ${dir} (or set record.dir elsewhere)`,
    cause,
  });
}

/**
 * Make a directory and those above it. (Not Node's `recursive`: it tries for ever where mkdir(2) says ENOENT in a
 * directory that exists, as under /proc.)
 */
async function makeDirectory(dir: string, parentMade = false): Promise<void> {
  try {
    await mkdir(dir);
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || parentMade || dirname(dir) === dir) throw failure;
    await makeDirectory(dirname(dir));
    await makeDirectory(dir, true);
  }
}
