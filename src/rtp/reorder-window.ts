import { type MonoUs, usFromMs } from '../base/units.ts';

/** Packets between the one that is waited for and the newest one: some 90 KB, or 10 ms of a 1080p stream. */
export const REORDER_PACKETS = 64;
/** No packet holds up those behind it for longer, or a loss would stop a stream of few packets for seconds. */
export const REORDER_US = usFromMs(100);

/**
 * Puts packets back into the order of their numbers. A packet that is missing holds up those behind it until it comes,
 * or until REORDER_PACKETS or REORDER_US are over: then it is given up, and the next one is told how many are missing
 * before it. Numbers are extended (SequenceTracker). Holds REORDER_PACKETS - 1 items at most.
 */
export class ReorderWindow<T> {
  readonly #deliver: (item: T, missing: number) => void;
  readonly #keep: (item: T) => T;
  readonly #slots: (T | undefined)[] = new Array<T | undefined>(REORDER_PACKETS).fill(undefined);
  /** The number that is waited for. */
  #next: number;
  #held = 0;
  /** Given up since the last delivery. */
  #missing = 0;
  #waitingSince: MonoUs;

  /**
   * @param first the number of the first packet, which comes at `now`
   * @param keep makes an item that has to wait outlive the call of `add`
   */
  constructor(first: number, now: MonoUs, deliver: (item: T, missing: number) => void, keep: (item: T) => T) {
    this.#next = first;
    this.#waitingSince = now;
    this.#deliver = deliver;
    this.#keep = keep;
  }

  /** Packets are held up by one that is missing: `expire` is to be called, also when no more come. */
  get isWaiting(): boolean {
    return this.#held > 0;
  }

  /** Take a packet that has not come before. False: it has been given up already. */
  add(extended: number, item: T, now: MonoUs): boolean {
    if (extended < this.#next) return false;
    const before = this.#next;
    while (extended - this.#next >= REORDER_PACKETS) this.#step();
    if (extended === this.#next) {
      this.#next += 1;
      this.#hand(item);
    } else {
      this.#slots[extended % REORDER_PACKETS] = this.#keep(item);
      this.#held += 1;
    }
    this.#run();
    // What waits now waits for another packet than before, or it has just begun to wait.
    if (this.#next !== before || this.#held === 1) this.#waitingSince = now;
    return true;
  }

  /** Give up what has been waited for long enough. */
  expire(now: MonoUs): void {
    if (this.#held === 0 || now - this.#waitingSince < REORDER_US) return;
    this.#skip();
    this.#waitingSince = now;
  }

  /** Wait for nothing: deliver all that is held. */
  flush(): void {
    while (this.#held > 0) this.#skip();
  }

  /** On to the next packet that is there, and those behind it. */
  #skip(): void {
    const held = this.#held;
    while (this.#held === held) this.#step();
    this.#run();
  }

  #run(): void {
    while (this.#held > 0 && this.#slots[this.#next % REORDER_PACKETS] !== undefined) this.#step();
  }

  /** The awaited packet is delivered, or given up. */
  #step(): void {
    const slot = this.#next % REORDER_PACKETS;
    const item = this.#slots[slot];
    this.#next += 1;
    if (item === undefined) {
      this.#missing += 1;
      return;
    }
    this.#slots[slot] = undefined;
    this.#held -= 1;
    this.#hand(item);
  }

  #hand(item: T): void {
    const missing = this.#missing;
    this.#missing = 0;
    this.#deliver(item, missing);
  }
}
