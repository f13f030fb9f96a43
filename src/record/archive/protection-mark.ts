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

export const isMarkedProtected = (mode: number): boolean => (mode & WRITABLE) === 0;
