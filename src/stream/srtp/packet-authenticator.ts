import { hash } from 'node:crypto';

/** SHA-1's block, to which HMAC's padded key is as long (RFC 2104 §2). */
export const INNER_PAD_BYTES = 64;
const DIGEST_BYTES = 20;
const INNER = 0x36;
const OUTER = 0x5c;

/**
 * HMAC-SHA1 (RFC 2104) for many small messages: two one-shot hashes each, which take half the time of an Hmac object.
 * The first of them runs over the padded key and the message in one piece, so messages have room for it in front.
 */
export class PacketAuthenticator {
  /** INNER_PAD_BYTES that must stand directly before each message. */
  readonly innerPad: Uint8Array;
  readonly #outer: Buffer;

  /** `key` is at most INNER_PAD_BYTES long. */
  constructor(key: Uint8Array) {
    const padded = Buffer.alloc(INNER_PAD_BYTES);
    padded.set(key);
    this.innerPad = padded.map((byte) => byte ^ INNER);
    this.#outer = Buffer.concat([padded.map((byte) => byte ^ OUTER), Buffer.alloc(DIGEST_BYTES)]);
  }

  /** Write the first `tagBytes` bytes of the code of `padAndMessage` (the inner pad and the message) into `into` at `at`. */
  writeTag(padAndMessage: Uint8Array, into: Buffer, at: number, tagBytes: number): void {
    // Digests as strings of one byte a character: they cost less than a buffer each
    this.#outer.write(hash('sha1', padAndMessage, 'binary'), INNER_PAD_BYTES, 'latin1');
    into.write(hash('sha1', this.#outer, 'binary'), at, tagBytes, 'latin1');
  }
}
