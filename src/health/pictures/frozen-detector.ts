import { type MonoUs, usFromMs } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';

/** Bytes of a picture's scan that are looked at. */
const SAMPLES = 64;
/** A camera of one picture in ten seconds needs more than two alike. */
const LEAST_ALIKE = 5;
/** FNV-1a, 32 bits. */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Notices that a camera gives the same picture again and again. No two pictures of a sensor are alike: its noise alone
 * changes their length. So it is enough to compare lengths and a few bytes of the scan; headers may carry a counter.
 */
export class FrozenDetector {
  readonly #afterUs: number;
  #length = 0;
  #hash = 0;
  #since: MonoUs | undefined;
  #alike = 0;

  /** `afterMs`: so long the same picture. */
  constructor(afterMs: number) {
    this.#afterUs = usFromMs(afterMs);
  }

  /** Whether it is frozen with this picture. About 0.3 us. */
  note({ bytes, jpeg, capturedAt }: Frame): boolean {
    const length = jpeg.scanEnd - jpeg.scanStart;
    const hash = sampledHash(bytes, jpeg.scanStart, length);
    if (length !== this.#length || hash !== this.#hash || this.#since === undefined) {
      this.#length = length;
      this.#hash = hash;
      this.#since = capturedAt;
      this.#alike = 0;
    }
    this.#alike += 1;
    return this.#alike >= LEAST_ALIKE && capturedAt - this.#since >= this.#afterUs;
  }
}

function sampledHash(bytes: Uint8Array, start: number, length: number): number {
  const step = Math.max(1, Math.floor(length / SAMPLES));
  let hash = FNV_BASIS;
  for (let at = start; at < start + length; at += step) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
  return hash;
}
