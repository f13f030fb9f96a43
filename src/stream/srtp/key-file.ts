import { CamboxError } from '../../base/errors.ts';
import { readSecretFile } from '../../config/secret-file.ts';
import { MASTER_KEY_BYTES, MASTER_SALT_BYTES, type SrtpMasterKey } from './session-keys.ts';

const BYTES = MASTER_KEY_BYTES + MASTER_SALT_BYTES;

/**
 * The master key and salt in a file: 30 bytes in base64, as in the `inline:` of a session description (RFC 4568 §6.1).
 * Undefined for an empty reference. Throws `bad_config`, which never shows the content.
 *
 * @param reference a path, or `credential:NAME` in `credentialsDirectory` (systemd's $CREDENTIALS_DIRECTORY)
 */
export async function readSrtpKey(
  reference: string,
  credentialsDirectory: string | undefined,
): Promise<SrtpMasterKey | undefined> {
  const content = await readSecretFile('srtp_key_file', reference, credentialsDirectory);
  if (content === undefined) return undefined;
  const key = readInlineKey(content.toString('latin1').trim());
  if (key !== undefined) return key;
  throw new CamboxError('bad_config', {
    verb: 'use',
    thing: `srtp_key_file ${reference}`,
    reason: `it does not hold ${BYTES} bytes in base64 (key and salt)`,
    remedy: 'Make one with: openssl rand -base64 30',
  });
}

/** Key and salt from what stands behind `inline:` in a session description; undefined when it is something else. */
export function readInlineKey(text: string): SrtpMasterKey | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== BYTES || bytes.toString('base64') !== text) return undefined;
  return { key: bytes.subarray(0, MASTER_KEY_BYTES), salt: bytes.subarray(MASTER_KEY_BYTES) };
}

/** As it stands behind `inline:` in a session description. */
export const inlineKey = ({ key, salt }: SrtpMasterKey): string => Buffer.concat([key, salt]).toString('base64');
