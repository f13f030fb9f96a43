import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CamboxError } from '../../base/errors.ts';
import { hashFile } from './hash-file.ts';
import { MANIFEST_NAME, parseManifest } from './manifest.ts';

export interface VerifiedFile {
  readonly file: string;
  /** Undefined: it is as it was exported. */
  readonly problem: string | undefined;
}

/** Whether exported files are what their manifest says. Throws `bad_input` when there is no manifest of ours. */
export async function* verifyExport(folder: string, signal: AbortSignal): AsyncGenerator<VerifiedFile> {
  const text = await readFile(join(folder, MANIFEST_NAME), 'utf8').catch(() => '');
  const entries = parseManifest(text);
  if (entries === undefined) {
    const remedy = 'Name a folder that cambox clips export has written';
    throw new CamboxError('bad_input', {
      ...{ verb: 'verify', thing: folder, reason: `it has no ${MANIFEST_NAME} of ours`, remedy },
    });
  }
  for (const { file, bytes, sha256 } of entries) {
    yield { file, problem: await problemOf(join(folder, file), bytes, sha256, signal) };
  }
}

async function problemOf(
  path: string,
  bytes: number,
  sha256: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size !== bytes) return `it has ${size} bytes instead of ${bytes}`;
    return (await hashFile(path, signal)) === sha256 ? undefined : 'its hash is another: bytes in it have changed';
  } catch (failure) {
    signal.throwIfAborted();
    return (failure as Error).message;
  }
}
