import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { missingProgram } from './program-errors.ts';

/** Where a program is, as execvp(3) finds it: a name without a slash in the folders of PATH. Throws `missing_program`. */
export async function findProgram(program: string, path = process.env['PATH'] ?? ''): Promise<string> {
  const candidates = program.includes('/')
    ? [program]
    : path.split(delimiter).map((folder) => join(folder || '.', program));
  for (const candidate of candidates) if (await isProgram(candidate)) return candidate;
  throw missingProgram(program, Object.assign(new Error(`${program} is not there`), { code: 'ENOENT' }));
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false; // not there, or not ours to run
  }
}
