import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { deriveSessionKeys, type SessionKeys, SRTP_TAG_BYTES, type SrtpMasterKey } from './session-keys.ts';

/*
 * SRTCP (RFC 3711 §3.4): the first packet's header and SSRC stay readable, what follows is encrypted, and behind it come
 * the E bit (it is encrypted), an index that counts datagrams, and the tag over all of it.
 */
const CLEAR_BYTES = 8;
const INDEX_BYTES = 4;
const SSRC_AT = 4;
const ENCRYPTED = 0x80000000;
const MAX_INDEX = 0x7fffffff;
/** Senders whose last index is remembered: more than a camera has receivers. Whoever was heard longest ago goes first. */
const MAX_SENDERS = 64;

/** Protects the RTCP of one stream, and opens what its receivers send, protected with the same master key. */
export class SrtcpContext {
  readonly #keys: SessionKeys;
  readonly #ssrc: number;
  #nextIndex = 0;
  /** Of each sender, the highest index that came: what is not above it is a replay. */
  readonly #highest = new Map<number, number>();

  constructor(master: SrtpMasterKey, ssrc: number) {
    this.#keys = deriveSessionKeys(master, 'srtcp');
    this.#ssrc = ssrc;
  }

  protect(datagram: Uint8Array): Uint8Array {
    const index = this.#nextIndex;
    this.#nextIndex = (this.#nextIndex + 1) % (MAX_INDEX + 1);
    const body = this.#crypt(datagram.subarray(CLEAR_BYTES), this.#ssrc, index);
    const trailer = Buffer.alloc(INDEX_BYTES);
    trailer.writeUInt32BE((ENCRYPTED | index) >>> 0);
    const message = Buffer.concat([datagram.subarray(0, CLEAR_BYTES), body, trailer]);
    return Buffer.concat([message, this.#tag(message)]);
  }

  /** The datagram in the clear, or undefined when it is torn, not authentic, repeated, or our own. Never throws. */
  unprotect(datagram: Uint8Array): Uint8Array | undefined {
    const messageBytes = datagram.length - SRTP_TAG_BYTES;
    const bodyEnd = messageBytes - INDEX_BYTES;
    if (bodyEnd < CLEAR_BYTES) return undefined;
    const message = datagram.subarray(0, messageBytes);
    if (!timingSafeEqual(this.#tag(message), datagram.subarray(messageBytes))) return undefined;
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    const ssrc = view.getUint32(SSRC_AT);
    const trailer = view.getUint32(bodyEnd);
    const index = trailer & MAX_INDEX;
    if (ssrc === this.#ssrc || !this.#isNew(ssrc, index)) return undefined;
    const body = datagram.subarray(CLEAR_BYTES, bodyEnd);
    const clear = (trailer & ENCRYPTED) === 0 ? body : this.#crypt(body, ssrc, index);
    return Buffer.concat([datagram.subarray(0, CLEAR_BYTES), clear]);
  }

  #isNew(ssrc: number, index: number): boolean {
    const highest = this.#highest.get(ssrc);
    if (highest !== undefined && index <= highest) return false;
    this.#highest.delete(ssrc); // so that it becomes the newest
    this.#highest.set(ssrc, index);
    const [oldest] = this.#highest.keys();
    if (this.#highest.size > MAX_SENDERS && oldest !== undefined) this.#highest.delete(oldest);
    return true;
  }

  /** RFC 3711 §4.1.1, with the index that the datagram carries. Encrypts and decrypts. */
  #crypt(bytes: Uint8Array, ssrc: number, index: number): Uint8Array {
    const counter = new Uint8Array(16);
    counter.set(this.#keys.salt);
    const view = new DataView(counter.buffer);
    view.setUint32(4, view.getUint32(4) ^ ssrc);
    view.setUint32(10, view.getUint32(10) ^ index);
    return createCipheriv('aes-128-ctr', this.#keys.cipherKey, counter).update(bytes);
  }

  #tag(message: Uint8Array): Uint8Array {
    return createHmac('sha1', this.#keys.authenticationKey).update(message).digest().subarray(0, SRTP_TAG_BYTES);
  }
}
