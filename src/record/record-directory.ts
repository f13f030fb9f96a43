import { access, constants, mkdir } from 'node:fs/promises';
import { CamboxError } from '../base/errors.ts';

/** Make the directory when it is missing and check that files can be made in it. Throws `not_writable`. */
export async function ensureWritableDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
    await access(dir, constants.W_OK | constants.X_OK);
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
