import { type Cipheriv, createCipheriv } from 'node:crypto';
import type { SessionKeys } from './session-keys.ts';

export const BLOCK_BYTES = 16;
const BLOCK_WORDS = BLOCK_BYTES / 4;
const TWO_16 = 2 ** 16;

/**
 * The AES counter mode key stream of consecutive packets (RFC 3711 §4.1.1). Block b of the packet with index i is the
 * encrypted counter
 *
 *     (salt * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16) + b
 *
 * A frame has hundreds of packets, and a cipher object for each would cost more than the encryption itself: so the counters
 * of all of them are written out and go through one block cipher (ECB) in one call, which is counter mode by definition
 * (NIST SP 800-38A §6.5).
 */
export class PacketKeystream {
  readonly #cipher: Cipheriv;
  /** The counter of index 0, block 0: four words, the lowest byte first, as this machine has them. */
  readonly #start: Uint32Array;
  #counters = new Uint32Array(0);

  constructor({ cipherKey, salt }: SessionKeys, ssrc: number) {
    this.#cipher = createCipheriv('aes-128-ecb', cipherKey, null).setAutoPadding(false);
    const counter = new Uint8Array(BLOCK_BYTES);
    counter.set(salt);
    const view = new DataView(counter.buffer);
    view.setUint32(4, view.getUint32(4) ^ ssrc);
    this.#start = new Uint32Array(counter.buffer);
  }

  /**
   * The key stream of `packets` packets from index `first` on, `blocks` blocks (below 2^16) for each, one packet's after
   * the other's, as words in memory order.
   */
  of(first: number, packets: number, blocks: number): Uint32Array {
    const words = packets * blocks * BLOCK_WORDS;
    if (this.#counters.length < words) this.#counters = new Uint32Array(words);
    for (let i = 0; i < packets; i++) this.#writeCounters(i * blocks * BLOCK_WORDS, first + i, blocks);
    const stream = this.#cipher.update(new Uint8Array(this.#counters.buffer, 0, words * 4));
    // Node may answer with a piece of a shared buffer, at any place in it
    const aligned = stream.byteOffset % 4 === 0 ? stream : new Uint8Array(stream);
    return new Uint32Array(aligned.buffer, aligned.byteOffset, words);
  }

  #writeCounters(at: number, index: number, blocks: number): void {
    const counters = this.#counters;
    const start = this.#start;
    const rollovers = swapped(Math.floor(index / TWO_16));
    const sequence = index % TWO_16;
    const third = start[2]! ^ rollovers;
    const fourth = start[3]! ^ ((sequence >> 8) | ((sequence & 0xff) << 8));
    let word = at;
    for (let block = 0; block < blocks; block++) {
      counters[word] = start[0]!;
      counters[word + 1] = start[1]!;
      counters[word + 2] = third;
      counters[word + 3] = fourth | ((block >> 8) << 16) | ((block & 0xff) << 24);
      word += BLOCK_WORDS;
    }
  }
}

/** The bytes of a 32-bit word in the opposite order: the network's. */
const swapped = (word: number): number =>
  (word >>> 24) | ((word >>> 8) & 0xff00) | ((word & 0xff00) << 8) | (word << 24);
