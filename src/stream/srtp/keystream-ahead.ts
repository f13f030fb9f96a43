import { BLOCK_BYTES, PacketKeystream } from './packet-keystream.ts';
import type { SessionKeys } from './session-keys.ts';

const BLOCK_WORDS = BLOCK_BYTES / 4;
/** As many packets as fit into 64 KB of key stream: beyond it a call costs little beside the encryption itself. */
const AHEAD_BLOCKS = 4096;
const MOST_PACKETS = 32;

/**
 * The key stream of packets that mostly come one after the other: made for some packets ahead in one call, which costs a
 * fraction of a call for each. Packets that come late or are lost waste a little of it.
 */
export class KeystreamAhead {
  readonly #keystream: PacketKeystream;
  #words: Uint32Array = new Uint32Array(0);
  /** What `#words` is for: packets from index `#first` on, `#blocks` blocks each. */
  #first = 0;
  #packets = 0;
  #blocks = 0;

  constructor(keys: SessionKeys, ssrc: number) {
    this.#keystream = new PacketKeystream(keys, ssrc);
  }

  /** For the packet with that index: words in memory order, for `bytes` bytes at least. Valid until the next call. */
  of(index: number, bytes: number): Uint32Array {
    const blocks = Math.ceil(bytes / BLOCK_BYTES);
    if (index < this.#first) return this.#keystream.of(index, 1, blocks);
    if (blocks > this.#blocks || index >= this.#first + this.#packets) this.#make(index, blocks);
    const at = (index - this.#first) * this.#blocks * BLOCK_WORDS;
    return this.#words.subarray(at, at + blocks * BLOCK_WORDS);
  }

  #make(first: number, blocks: number): void {
    this.#first = first;
    this.#blocks = Math.max(blocks, this.#blocks); // the last packet of a picture is shorter than those behind it
    this.#packets = Math.max(1, Math.min(MOST_PACKETS, Math.floor(AHEAD_BLOCKS / this.#blocks)));
    this.#words = this.#keystream.of(first, this.#packets, this.#blocks);
  }
}
