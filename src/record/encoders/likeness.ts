/**
 * Pictures are compared as small copies: a green, torn, sheared, shifted or missing picture shows as well as in full
 * size, the small losses of coding do not. Both of one size, three bytes a pixel.
 */
export const SMALL = { width: 160, height: 90 };
export const SMALL_BYTES = SMALL.width * SMALL.height * 3;

/**
 * Less is another picture. Measured with a test picture at 720p: 36 dB and more at a hopeless 300 kbit/s; 19 dB when
 * shifted by eight rows, 4 dB with the colours exchanged, 6 dB without colours, 3 dB when one picture late.
 */
export const LEAST_LIKENESS_DB = 24;

const MOST_DB = 99;

/** Peak signal-to-noise ratio of two pictures; 99 dB when they are the same. */
export function likenessDb(one: Uint8Array, other: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (one[i]! - other[i]!) ** 2;
  if (sum === 0) return MOST_DB;
  return Math.min(MOST_DB, 10 * Math.log10((255 * 255 * one.length) / sum));
}

/** A standard deviation below this (a cap on the lens, a dark night) hides what an encoder does to pictures. */
const LEAST_DEVIATION = 4;

/** True when a picture shows so little that every other one of its brightness is like it. */
export function isBlank(picture: Uint8Array): boolean {
  let [sum, squares] = [0, 0];
  for (const value of picture) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / picture.length;
  return squares / picture.length - mean * mean < LEAST_DEVIATION ** 2;
}

/** The likeness of the pair that is least alike; undefined when the counts differ or there is none. */
export function worstLikenessDb(source: Uint8Array, encoded: Uint8Array): number | undefined {
  if (source.length === 0 || source.length !== encoded.length) return undefined;
  let worst = MOST_DB;
  for (let at = 0; at < source.length; at += SMALL_BYTES) {
    worst = Math.min(worst, likenessDb(source.subarray(at, at + SMALL_BYTES), encoded.subarray(at, at + SMALL_BYTES)));
  }
  return worst;
}
