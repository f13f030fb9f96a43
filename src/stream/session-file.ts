import { rename, rm, writeFile } from 'node:fs/promises';

/** Only the owner may read a file with a key. */
const SECRET_MODE = 0o600;
const OPEN_MODE = 0o644;

/** Write a session description beside and rename it, so that a receiver never reads half a file. */
export async function writeSessionFile(path: string, text: string, isSecret: boolean): Promise<void> {
  const partial = `${path}.partial`;
  await rm(partial, { force: true }); // the mode is that of a file newly made
  await writeFile(partial, text, { mode: isSecret ? SECRET_MODE : OPEN_MODE, flag: 'wx' });
  await rename(partial, path);
}
