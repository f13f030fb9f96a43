import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a file of sysfs says; undefined when it is not there. */
export async function readAttribute(folder: string, attribute: string): Promise<string | undefined> {
  const text = await readFile(join(folder, attribute), 'utf8').catch(() => undefined);
  return text?.trim();
}
