import type { MonoUs } from '../base/units.ts';

/** A run of bytes on loan from the arena. */
export interface Slot {
  readonly bytes: Uint8Array;
  /** Give all back, once; the bytes must not be touched after that. */
  free(): void;
}

/** A holder of frames that can do without them when there is no room for a new one. */
export interface FrameReserve {
  /** Capture time of its oldest frame; undefined when it holds none. */
  readonly oldestAt: MonoUs | undefined;
  /** Let go of the oldest frame, of which there is one. */
  yieldOldest(): void;
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
  readonly #reserves = new Set<FrameReserve>();
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

  /** Where room is made for new frames: what it holds is worth less than they are. Disposing ends that. */
  addReserve(reserve: FrameReserve): Disposable {
    this.#reserves.add(reserve);
    return { [Symbol.dispose]: () => this.#reserves.delete(reserve) };
  }

  /**
   * A slot of at least one byte. While there is no room (also: none in one piece), the oldest frame of all reserves gives
   * way. Undefined when they have nothing left: the frame is dropped and counted.
   */
  take(length: number): Slot | undefined {
    const wanted = blockLength(length);
    const block = this.#findRoom(wanted);
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

  #findRoom(wanted: number): Block | undefined {
    if (wanted > this.capBytes) return undefined; // nothing that gives way would help
    for (;;) {
      const block = this.#firstFree(wanted);
      if (block !== undefined || !this.#yieldOldest()) return block;
    }
  }

  #firstFree(wanted: number): Block | undefined {
    let block: Block | undefined = this.#first;
    while (block !== undefined && !(block.free && block.length >= wanted)) block = block.after;
    return block;
  }

  #yieldOldest(): boolean {
    let from: FrameReserve | undefined;
    let oldest = Number.POSITIVE_INFINITY;
    for (const reserve of this.#reserves) {
      const { oldestAt } = reserve;
      if (oldestAt === undefined || oldestAt >= oldest) continue;
      [from, oldest] = [reserve, oldestAt];
    }
    from?.yieldOldest();
    return from !== undefined;
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
      free: () => {
        if (!lent) throw new Error('Frame slot freed twice');
        lent = false;
        this.#release(block);
      },
    };
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
