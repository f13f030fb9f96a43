import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CamboxError } from '../base/errors.ts';

const CREDENTIAL = 'credential:';

/** Where a file is that the config names so; undefined for an empty reference. */
export function secretPath(reference: string, directory: string | undefined): string | undefined {
  if (reference === '') return undefined;
  if (!reference.startsWith(CREDENTIAL)) return reference;
  return join(directory ?? '/run/credentials/missing', reference.slice(CREDENTIAL.length));
}

/**
 * A file that the config names by its path, or as `credential:NAME` in systemd's credentials directory (LoadCredential=).
 * Returns undefined for an empty reference. Throws `bad_config`, naming the key and the file, never its content.
 *
 * @param key the config key, for the error
 * @param directory systemd's $CREDENTIALS_DIRECTORY
 */
export async function readSecretFile(
  key: string,
  reference: string,
  directory: string | undefined,
): Promise<Buffer | undefined> {
  const path = secretPath(reference, directory);
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CamboxError('bad_config', {
      verb: 'read',
      thing: `${key} ${path}`,
      reason: cause instanceof Error ? cause.message : String(cause),
      remedy: reference.startsWith(CREDENTIAL)
        ? `Add LoadCredential=${reference.slice(CREDENTIAL.length)}:FILE to the service`
        : 'Correct the path, or let the service user read it',
      cause,
    });
  }
}
