import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Encrypter } from 'age-encryption';
import { CamboxError } from '../../base/errors.ts';
import type { ExportSource } from './export-target.ts';

/** How files are made unreadable for everybody but their recipients. */
export interface Seal {
  readonly recipients: readonly string[];
  /** What comes of a source, 64 KB at a time; each call uses another key. */
  apply(source: ExportSource): Promise<ExportSource>;
}

/**
 * Sealing as age does it (age-encryption.org/v1), for public keys `age1…`. The box never has what opens the files. Throws
 * `bad_argument` for what is no public key.
 */
export function openSeal(recipients: readonly string[]): Seal {
  const newEncrypter = (): Encrypter => {
    const encrypter = new Encrypter();
    for (const recipient of recipients) addRecipient(encrypter, recipient);
    return encrypter;
  };
  newEncrypter();
  return {
    recipients,
    async apply({ bytes, stream }) {
      const plain = Readable.toWeb(Readable.from(stream, { objectMode: false, highWaterMark: 1 << 16 }));
      const sealed = await newEncrypter().encrypt(plain as ReadableStream<Uint8Array>);
      return { bytes: sealed.size(bytes), stream: Readable.fromWeb(sealed as ReadableStream<Uint8Array>) };
    },
  };
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient);
  } catch (cause) {
    throw new CamboxError('bad_argument', {
      verb: 'seal for',
      thing: 'a recipient',
      reason: 'this is no public key of age',
      received: recipient.startsWith('AGE-SECRET-KEY') ? 'a secret key' : recipient,
      remedy: 'age-keygen makes a pair; the one to give here begins with age1',
      cause,
    });
  }
}
