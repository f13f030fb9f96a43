import { readFile } from 'node:fs/promises';

/** A small file of /proc or /sys; undefined when it is missing or cannot be read: another machine has others. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
}
