/** Buckets for each power of two: a value is known to a sixteenth. */
const SUB_BITS = 4;
const SUB = 1 << SUB_BITS;
const MAX_VALUE = 2 ** 32 - 1;
const BUCKETS = (32 - SUB_BITS + 1) * SUB;

/**
 * How often which values occurred, of whole numbers from 0 to 2^32 - 1 (larger ones count as that): exact below 16, to
 * 6 % above. One fixed array of 1.9 KB, whatever comes; a few nanoseconds a value.
 */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** Exact. */
  get max(): number {
    return this.#max;
  }

  record(value: number): void {
    const whole = Math.min(MAX_VALUE, Math.max(0, Math.round(value)));
    this.#counts[bucketOf(whole)]! += 1;
    this.#count += 1;
    if (whole > this.#max) this.#max = whole;
  }

  /** All that the other one has, too. */
  add(other: Histogram): void {
    for (const [i, count] of other.#counts.entries()) this.#counts[i]! += count;
    this.#count += other.#count;
    this.#max = Math.max(this.#max, other.#max);
  }

  /** The value that a part of all, 0 to 1, do not exceed (the upper edge of its bucket); undefined when there is none. */
  quantile(part: number): number | undefined {
    if (this.#count === 0) return undefined;
    let left = Math.max(1, Math.ceil(part * this.#count));
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#counts[i]!;
      if (left <= 0) return Math.min(this.#max, upperEdge(i));
    }
    return this.#max;
  }
}

function bucketOf(value: number): number {
  if (value < SUB) return value;
  const shift = 31 - Math.clz32(value) - SUB_BITS;
  return (shift + 1) * SUB + ((value >>> shift) & (SUB - 1));
}

/** The largest value of a bucket. */
function upperEdge(bucket: number): number {
  if (bucket < SUB) return bucket;
  const shift = Math.floor(bucket / SUB) - 1;
  return (SUB + (bucket % SUB) + 1) * 2 ** shift - 1;
}
