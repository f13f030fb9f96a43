import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const ENDS = ['', '-wal', '-shm'];

/**
 * Gives a damaged database another name, with its log, for people to look at. The last one alone is kept: a disk that damages it
 * again and again is not filled with copies. Returns the name. Throws a file system's error.
 *
 * @param nowMs in that name
 */
export async function putAside(path: string, nowMs: number): Promise<string> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.damaged-`;
  const before = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  for (const name of before) await rm(join(folder, name), { force: true });
  const aside = join(folder, `${prefix}${Math.round(nowMs)}`);
  for (const end of ENDS) {
    const there = await stat(path + end).catch(() => undefined);
    if (there !== undefined) await rename(path + end, aside + end);
  }
  return aside;
}
