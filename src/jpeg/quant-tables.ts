/**
 * The example quantisation tables of ITU-T T.81 §K.1, which most encoders scale by a quality factor (and which RFC 2435
 * §4.2 names for Q 1-99).
 */

// Natural (row by row) order, as printed in tables K.1 and K.2.
const LUMINANCE = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const CHROMINANCE = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99,
];

/** Position in natural order of each element in zig-zag order (T.81 figure A.6). */
export const ZIGZAG: readonly number[] = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
];

/** The table of one kind at a quality of 1 to 99, 8-bit elements in zig-zag order, scaled as in RFC 2435 §4.2. */
export function standardQuantTable(kind: 'luminance' | 'chrominance', quality: number): Uint8Array {
  const factor = Math.min(99, Math.max(1, Math.round(quality)));
  const scale = factor < 50 ? Math.floor(5000 / factor) : 200 - factor * 2;
  const natural = kind === 'luminance' ? LUMINANCE : CHROMINANCE;
  return Uint8Array.from(ZIGZAG, (position) => {
    const value = Math.floor((natural[position]! * scale + 50) / 100);
    return Math.min(255, Math.max(1, value));
  });
}
