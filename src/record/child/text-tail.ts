/** The end of a text that comes in pieces: the last `capacity` bytes, whatever a child writes to stderr in its life. */
export class TextTail {
  readonly #capacity: number;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(chunk: Uint8Array): void {
    const joined = Buffer.concat([this.#bytes, chunk]);
    // Copied, so that a short tail does not hold on to a large chunk.
    this.#bytes = Buffer.from(joined.subarray(Math.max(0, joined.length - this.#capacity)));
  }

  toString(): string {
    return this.#bytes.toString('utf8').trim();
  }
}
