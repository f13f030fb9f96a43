import { rename, stat } from 'node:fs/promises';

/** Gives a database another name, with its log. Throws a file system's error. */
export async function putAside(path: string, aside: string): Promise<void> {
  for (const end of ['', '-wal', '-shm']) {
    const there = await stat(path + end).catch(() => undefined);
    if (there !== undefined) await rename(path + end, aside + end);
  }
}
