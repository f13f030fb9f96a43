import { access, constants, statfs } from 'node:fs/promises';

/** What a disk has. `unknown`: it does not even tell, which is no sign of free space. */
export type DiskRoom =
  | { readonly state: 'writable' | 'read_only'; readonly freeBytes: number }
  | { readonly state: 'unknown'; readonly problem: string };

/** The file system of a folder, as an unprivileged user may use it. Never throws. */
export async function diskRoom(dir: string): Promise<DiskRoom> {
  try {
    const { bavail, bsize } = await statfs(dir);
    const writable = await access(dir, constants.W_OK).then(
      () => true,
      () => false,
    );
    return { state: writable ? 'writable' : 'read_only', freeBytes: bavail * bsize };
  } catch (failure) {
    return { state: 'unknown', problem: (failure as NodeJS.ErrnoException).message };
  }
}
