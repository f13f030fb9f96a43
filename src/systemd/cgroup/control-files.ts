import { constants, open, readFile } from 'node:fs/promises';

/**
 * Write to a file of cgroupfs. Not with `writeFile`: that asks to create what is missing, which cgroupfs answers with EPERM
 * instead of ENOENT.
 */
export async function writeControl(path: string, value: string | number): Promise<void> {
  await using file = await open(path, constants.O_WRONLY);
  await file.write(String(value));
}

/** The same for what this kernel may not have (ENOENT): then nothing happens. */
export async function writeControlIfThere(path: string, value: string | number): Promise<void> {
  try {
    await writeControl(path, value);
  } catch (failure) {
    if (errnoOf(failure) !== 'ENOENT') throw failure;
  }
}

/** What a file of cgroupfs says, trimmed; undefined when it cannot be read: an older kernel, or the group is gone. */
export async function readControl(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
}

/** Lines of `key number`, as in memory.events, memory.stat, cpu.stat. */
export function keyedNumbers(text: string): ReadonlyMap<string, number> {
  const rows = text.split('\n').map((line) => line.split(' '));
  return new Map(rows.map(([key = '', value]) => [key, Number(value)]));
}

export const errnoOf = (failure: unknown): string | undefined => (failure as NodeJS.ErrnoException).code;
