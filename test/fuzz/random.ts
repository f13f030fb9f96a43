/** Values at which parsers of bytes go wrong. */
const EXTREME_BYTES = [0x00, 0x01, 0x02, 0x7f, 0x80, 0xfe, 0xff];
const EXTREME_WORDS = [0, 1, 2, 3, 4, 7, 8, 9, 0x7f, 0x80, 0xff, 0x100, 2040, 2041, 0x7fff, 0x8000, 0xfffe, 0xffff];

/**
 * Numbers that look random and are the same for the same seed, name and index: each input of a run can be made again
 * without those before it. Fast (xorshift128), and no good for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, name = '', index = 0) {
    let state = seed >>> 0;
    for (let i = 0; i < name.length; i++) state = mixed(state + name.charCodeAt(i));
    this.#a = mixed(state + (index >>> 0));
    this.#b = mixed(this.#a + Math.floor(index / 2 ** 32));
    this.#c = mixed(this.#b + 1);
    this.#d = mixed(this.#c + 1) | 1; // all four zero would stay so
  }

  /** 0 to 2^32 - 1. */
  u32(): number {
    const t = this.#a ^ (this.#a << 11);
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = this.#d;
    this.#d = this.#d ^ (this.#d >>> 19) ^ t ^ (t >>> 8);
    return this.#d >>> 0;
  }

  /** 0 to `count` - 1; 0 when there is nothing to choose from. */
  below(count: number): number {
    return Math.floor((this.u32() / 2 ** 32) * count);
  }

  /** From `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** `items` must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** Any byte, every other time an extreme one. */
  byte(): number {
    return this.oneIn(2) ? this.pick(EXTREME_BYTES) : this.below(256);
  }

  /** Any 16 bits, mostly extreme ones. */
  word(): number {
    return this.oneIn(4) ? this.below(0x10000) : this.pick(EXTREME_WORDS);
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.below(256);
    return bytes;
  }
}

/** A step of splitmix32: neighbouring numbers become unlike each other. */
function mixed(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
