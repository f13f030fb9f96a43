import { basename, extname } from 'node:path';

const LEAST_DIGITS = 3;
const PARTIAL = '.partial';

/**
 * Names of the clips: the input's name and their number in the list, `lecture-001.mp4`. The numbers have as many digits as
 * the last one needs, three at least, so that the names sort.
 */
export function clipNames(input: string, count: number): string[] {
  const whole = basename(input, PARTIAL);
  const stem = basename(whole, extname(whole));
  const digits = Math.max(LEAST_DIGITS, String(count).length);
  return Array.from({ length: count }, (_, i) => `${stem}-${String(i + 1).padStart(digits, '0')}.mp4`);
}
