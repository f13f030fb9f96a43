/** A run of bytes on loan from the arena. */
export interface Slot {
  readonly bytes: Uint8Array;
  /** Give back what lies behind the first `length` bytes: for whoever had to ask for the most that might be needed. */
  shrink(length: number): void;
  /** Give all back, once; the bytes must not be touched after that. */
  free(): void;
}

interface Block {
  offset: number;
  length: number;
  free: boolean;
  before: Block | undefined;
  after: Block | undefined;
}

/** Slots start on a cache line. */
const ALIGN = 64;

const blockLength = (length: number): number => Math.max(ALIGN, Math.ceil(length / ALIGN) * ALIGN);

/**
 * All frame bytes of the process: one allocation with a hard cap, so that memory for pictures cannot grow whatever a
 * camera sends, and one base address, so that the kernel can be given pointers without asking for each.
 *
 * First fit at the lowest address keeps the touched part (and so the resident memory) as small as what is in use.
 * Neighbouring free blocks are joined at once. A few hundred live frames at most: the walk is short.
 */
export class FrameArena {
  readonly capBytes: number;
  readonly #memory: Uint8Array;
  readonly #first: Block;
  #usedBytes = 0;
  #peakBytes = 0;
  #refused = 0;

  constructor(capBytes: number) {
    this.capBytes = Math.floor(capBytes / ALIGN) * ALIGN;
    // Uninitialised on purpose: pages become resident only when a frame is first written to them. Not left a Buffer,
    // whose slice() is a view: of a slot's bytes it must be a copy, as of any Uint8Array.
    this.#memory = new Uint8Array(Buffer.allocUnsafeSlow(this.capBytes).buffer);
    this.#first = { offset: 0, length: this.capBytes, free: true, before: undefined, after: undefined };
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** How often `take` had no room. */
  get refused(): number {
    return this.#refused;
  }

  /** A slot of at least one byte, or undefined when there is no room: the frame is dropped and counted. */
  take(length: number): Slot | undefined {
    const wanted = blockLength(length);
    let block: Block | undefined = this.#first;
    while (block !== undefined && !(block.free && block.length >= wanted)) block = block.after;
    if (block === undefined) {
      this.#refused += 1;
      return undefined;
    }
    this.#split(block, wanted);
    block.free = false;
    this.#usedBytes += wanted;
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes);
    return this.#loan(block, length);
  }

  #split(block: Block, length: number): void {
    const rest = block.length - length;
    if (rest === 0) return;
    const tail: Block = { offset: block.offset + length, length: rest, free: true, before: block, after: block.after };
    if (block.after !== undefined) block.after.before = tail;
    block.after = tail;
    block.length = length;
  }

  #loan(block: Block, length: number): Slot {
    let lent = true;
    return {
      bytes: this.#memory.subarray(block.offset, block.offset + length),
      shrink: (needed) => {
        if (lent) this.#shrink(block, blockLength(needed));
      },
      free: () => {
        if (!lent) throw new Error('Frame slot freed twice');
        lent = false;
        this.#release(block);
      },
    };
  }

  #shrink(block: Block, length: number): void {
    if (length >= block.length) return;
    this.#usedBytes -= block.length - length;
    this.#split(block, length);
    if (block.after?.after?.free) this.#join(block.after, block.after.after);
  }

  #release(block: Block): void {
    this.#usedBytes -= block.length;
    block.free = true;
    if (block.after?.free) this.#join(block, block.after);
    if (block.before?.free) this.#join(block.before, block);
  }

  /** `right` becomes part of `left`. */
  #join(left: Block, right: Block): void {
    left.length += right.length;
    left.after = right.after;
    if (right.after !== undefined) right.after.before = left;
  }
}
