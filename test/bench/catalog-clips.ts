import type { ClipRecord } from '../../src/catalog/clips/clip-record.ts';
import { Random } from '../fuzz/random.ts';
import { clipRecord } from '../support/clip-records.ts';

const SYLLABLES = ['ba', 'ce', 'di', 'fo', 'gu', 'ha', 'ke', 'li', 'mo', 'nu', 'pa', 're', 'si', 'to', 'vu', 'za'];
const WORDS = 4000;
const WORDS_A_CLIP = 18;

/** The n-th of 4096 words of three syllables. */
export const word = (n: number): string =>
  [n, n >> 4, n >> 8].map((part) => SYLLABLES[part % SYLLABLES.length]!).join('');

/** A clip with 18 words, some of which are in many clips and most of which are in few. */
export function wordyClip(n: number): ClipRecord {
  const random = new Random(1, 'clip', n);
  const words = Array.from({ length: WORDS_A_CLIP - 3 }, () => word(Math.floor(random.below(WORDS) ** 2 / WORDS)));
  const clip = `20250601t120000z-front-${n.toString(16).padStart(6, '0')}`;
  return clipRecord(n, {
    ...{ clip, file: `${clip}.mp4`, camera: `camera${n % 4}`, protected: n % 50 === 0 },
    ...{ label: 'motion at gate', notes: words.join(' ') },
    ...{ boot_id: '8b1f0d52-7c1e-4f0e-9f0b-0d9a4a1f6b11', pre_roll_asked_ms: 5000, pre_roll_got_ms: 4980.123 },
  });
}
