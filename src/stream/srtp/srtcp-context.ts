import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { ReplayWindow } from './replay-window.ts';
import { deriveSessionKeys, type SessionKeys, SRTP_TAG_BYTES, type SrtpMasterKey } from './session-keys.ts';
import type { SrtcpRefusal } from './srtp-refusal.ts';

/*
 * SRTCP (RFC 3711 §3.4): the first packet's header and SSRC stay readable, what follows is encrypted, and behind it come
 * the E bit (it is encrypted), an index that counts datagrams, and the tag over all of it.
 */
const CLEAR_BYTES = 8;
const INDEX_BYTES = 4;
const SSRC_AT = 4;
const ENCRYPTED = 0x80000000;
const MAX_INDEX = 0x7fffffff;
/** Senders whose replay lists are kept: more than a camera has receivers. Whoever was heard longest ago goes first. */
const MAX_SENDERS = 64;

/** Protects the RTCP of one stream, and opens what its receivers send, protected with the same master key. */
export class SrtcpContext {
  readonly #keys: SessionKeys;
  readonly #ssrc: number;
  #nextIndex = 0;
  readonly #replays = new Map<number, ReplayWindow>();

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

  /** The datagram in the clear, or why it is refused. Never throws. */
  unprotect(datagram: Uint8Array): Uint8Array | SrtcpRefusal {
    const messageBytes = datagram.length - SRTP_TAG_BYTES;
    const bodyEnd = messageBytes - INDEX_BYTES;
    if (bodyEnd < CLEAR_BYTES) return 'too_short';
    const message = datagram.subarray(0, messageBytes);
    if (!timingSafeEqual(this.#tag(message), datagram.subarray(messageBytes))) return 'not_authentic';
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    const ssrc = view.getUint32(SSRC_AT);
    const trailer = view.getUint32(bodyEnd);
    const index = trailer & MAX_INDEX;
    if (ssrc === this.#ssrc) return 'own';
    const replays = this.#replaysOf(ssrc);
    const verdict = replays.look(index);
    if (verdict !== 'new') return verdict;
    replays.note(index);
    const body = datagram.subarray(CLEAR_BYTES, bodyEnd);
    const clear = (trailer & ENCRYPTED) === 0 ? body : this.#crypt(body, ssrc, index);
    return Buffer.concat([datagram.subarray(0, CLEAR_BYTES), clear]);
  }

  #replaysOf(ssrc: number): ReplayWindow {
    const replays = this.#replays.get(ssrc) ?? new ReplayWindow();
    this.#replays.delete(ssrc); // so that it becomes the newest
    this.#replays.set(ssrc, replays);
    const [oldest] = this.#replays.keys();
    if (this.#replays.size > MAX_SENDERS && oldest !== undefined) this.#replays.delete(oldest);
    return replays;
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
