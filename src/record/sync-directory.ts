import { open } from 'node:fs/promises';

/** What was renamed or removed in a directory stays so when the power is cut. */
export async function syncDirectory(dir: string): Promise<void> {
  await using handle = await open(dir, 'r');
  await handle.sync();
}
