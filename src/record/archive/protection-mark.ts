import { chmod, stat } from 'node:fs/promises';

/** Write permission of owner, group and others (inode(7)). */
const WRITABLE = 0o222;
const OWNER_WRITABLE = 0o200;

/** Say of a clip's file itself that it is protected, so that a catalogue made anew knows it: nobody may write to it. */
export async function markProtected(path: string, isProtected: boolean): Promise<void> {
  const { mode } = await stat(path);
  const wanted = isProtected ? mode & ~WRITABLE : mode | OWNER_WRITABLE;
  if (wanted !== mode) await chmod(path, wanted & 0o7777);
}

/** Have something written into a clip's file, though it be protected. */
export async function whileWritable(path: string, work: () => Promise<void>): Promise<void> {
  const { mode } = await stat(path);
  if (!isMarkedProtected(mode)) return await work();
  await markProtected(path, false);
  try {
    await work();
  } finally {
    await markProtected(path, true);
  }
}

export const isMarkedProtected = (mode: number): boolean => (mode & WRITABLE) === 0;
