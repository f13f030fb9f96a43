/**
 * Whether one of the four bytes of a word is 0xFF, which in a scan needs a look of its own: a marker begins with it, and
 * a zero byte follows it in data (T.81 §B.1.1.5). Adding one to each byte clears the top bit of such a byte alone.
 */
export const hasFF = (word: number): boolean => (word & ~(word + 0x01010101) & 0x80808080) !== 0;
