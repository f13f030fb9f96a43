/** Where an entropy writer stands: to be continued later from the same bits. */
export interface EntropyPosition {
  readonly length: number;
  readonly pending: number;
  readonly pendingBits: number;
}

/**
 * Writes entropy-coded bits, most significant first, with a zero byte stuffed after each 0xFF (T.81 §F.1.2.3). Grows as
 * needed; the bytes belong to the writer until `finish`.
 */
export class EntropyWriter {
  #bytes: Uint8Array;
  #length = 0;
  #pending = 0;
  #pendingBits = 0;

  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Append the low `count` bits of `bits`; count is at most 24. */
  put(bits: number, count: number): void {
    this.#pending = (this.#pending << count) | bits;
    this.#pendingBits += count;
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      this.#append((this.#pending >>> this.#pendingBits) & 0xff);
      this.#pending &= (1 << this.#pendingBits) - 1;
    }
  }

  #append(byte: number): void {
    if (this.#length + 2 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
    if (byte === 0xff) this.#bytes[this.#length++] = 0;
  }

  position(): EntropyPosition {
    return { length: this.#length, pending: this.#pending, pendingBits: this.#pendingBits };
  }

  /** Start again with no whole bytes, but with the pending bits of a position reached by another writer. */
  continueFrom(position: EntropyPosition): void {
    this.#length = 0;
    this.#pending = position.pending;
    this.#pendingBits = position.pendingBits;
  }

  /** The whole bytes so far; valid until the next `put`. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Fill the last byte with 1-bits (T.81 §F.1.2.3) and return all bytes; valid until the next `put`. */
  finish(): Uint8Array {
    if (this.#pendingBits > 0) this.put((1 << (8 - this.#pendingBits)) - 1, 8 - this.#pendingBits);
    return this.bytes();
  }
}
