import { createCipheriv } from 'node:crypto';

/** AES_CM_128_HMAC_SHA1_80 (RFC 3711 §5, §8.2; named so by RFC 4568 §6.2). */
export const SRTP_SUITE = 'AES_CM_128_HMAC_SHA1_80';
export const MASTER_KEY_BYTES = 16;
export const MASTER_SALT_BYTES = 14;
/** The authentication tag behind each packet. */
export const SRTP_TAG_BYTES = 10;

const CIPHER_KEY_BYTES = 16;
const AUTHENTICATION_KEY_BYTES = 20;
const SALT_BYTES = 14;

/** What both ends share and keep secret. */
export interface SrtpMasterKey {
  /** MASTER_KEY_BYTES. */
  readonly key: Uint8Array;
  /** MASTER_SALT_BYTES. */
  readonly salt: Uint8Array;
}

/** What packets are really protected with. */
export interface SessionKeys {
  readonly cipherKey: Uint8Array;
  readonly authenticationKey: Uint8Array;
  readonly salt: Uint8Array;
}

/** The first of three labels that tell the keys of one protocol apart (RFC 3711 §4.3.2): cipher, authentication, salt. */
const FIRST_LABEL = { srtp: 0, srtcp: 3 } as const;

/** Derive the keys for RTP or for RTCP (RFC 3711 §4.3, key derivation rate 0: they hold as long as the master key). */
export function deriveSessionKeys(master: SrtpMasterKey, protocol: keyof typeof FIRST_LABEL): SessionKeys {
  const label = FIRST_LABEL[protocol];
  return {
    cipherKey: derive(master, label, CIPHER_KEY_BYTES),
    authenticationKey: derive(master, label + 1, AUTHENTICATION_KEY_BYTES),
    salt: derive(master, label + 2, SALT_BYTES),
  };
}

/**
 * AES in counter mode over zeros, from the master salt with the label in it times 2^16 on (RFC 3711 §4.3.3). The label's
 * place: key_id is 7 bytes, label and (with that rate) 48 zero bits; it is added at the end of the 14 bytes of salt.
 */
export function derive({ key, salt }: SrtpMasterKey, label: number, bytes: number): Uint8Array {
  const counter = new Uint8Array(16);
  counter.set(salt);
  counter[7]! ^= label;
  return createCipheriv('aes-128-ctr', key, counter).update(new Uint8Array(bytes));
}
