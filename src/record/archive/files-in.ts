import { readdir } from 'node:fs/promises';

/** The names of all files in the recording folder. */
export async function filesIn(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
