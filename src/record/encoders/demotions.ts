import type { EncoderName } from '../../base/encoder-names.ts';
import type { WallMs } from '../../base/units.ts';
import type { PictureSize } from './encoder-profile.ts';

/** An encoder that was given up at run time. Kept over a restart as a memory; it is given a new chance then. */
export interface Demotion {
  readonly encoder: EncoderName;
  readonly size: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

/** So many failures at a size, and an encoder is not used for that size any more until the next start. */
const MOST_FAILURES = 2;
/** Of encoders and sizes; with nine encoders more are not to be expected. The oldest goes first. */
const CAPACITY = 64;

export const sizeName = ({ width, height }: PictureSize): string => `${width}x${height}`;

/** Which encoders failed while they recorded, and which of them have done so too often. */
export class Demotions {
  readonly #failures = new Map<string, number>();
  readonly #demoted = new Map<string, Demotion>();

  /** Why an encoder is not to be used; undefined when it may be. */
  reason(encoder: EncoderName, size: PictureSize): string | undefined {
    const demotion = this.#demoted.get(keyOf(encoder, size));
    return demotion && `given up at ${demotion.at}: ${demotion.reason}`;
  }

  /** Count a failure. Returns the demotion when this one was one too many. */
  fail(encoder: EncoderName, size: PictureSize, reason: string, now: WallMs): Demotion | undefined {
    const key = keyOf(encoder, size);
    const failures = (this.#failures.get(key) ?? 0) + 1;
    put(this.#failures, key, failures);
    if (failures < MOST_FAILURES || this.#demoted.has(key)) return undefined;
    const demotion = { encoder, size: sizeName(size), reason, at: new Date(now).toISOString() };
    put(this.#demoted, key, demotion);
    return demotion;
  }

  list(): readonly Demotion[] {
    return [...this.#demoted.values()];
  }
}

const keyOf = (encoder: EncoderName, size: PictureSize): string => `${encoder} ${sizeName(size)}`;

function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > CAPACITY && oldest !== undefined) map.delete(oldest);
}
