const NEWLINE = 0x0a;
/** Parts of a line that are kept apart. More are put together: a part of one byte takes hundreds of bytes of memory. */
const MAX_PARTS = 64;

/**
 * Splits a byte stream into lines. A line longer than the limit is reported once (`undefined`) as soon as that is
 * clear, and skipped up to its end; memory stays within the limit plus one chunk.
 */
export class LineReader {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  #skipping = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that this chunk completes, without their newline; `undefined` for one that is too long. */
  *push(chunk: Uint8Array): Iterable<Uint8Array | undefined> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      const part = chunk.subarray(start, end === -1 ? chunk.length : end);
      if (!this.#skipping) {
        this.#parts.push(part);
        this.#length += part.length;
        if (this.#parts.length > MAX_PARTS) this.#parts = [Buffer.concat(this.#parts)];
        if (this.#length > this.#maxBytes) {
          this.#clear();
          this.#skipping = true;
          yield undefined;
        }
      }
      if (end === -1) return;
      if (!this.#skipping) yield Buffer.concat(this.#parts);
      this.#clear();
      this.#skipping = false;
      start = end + 1;
    }
  }

  #clear(): void {
    this.#parts = [];
    this.#length = 0;
  }
}
