/**
 * Directories of a TIFF file as Exif has them (TIFF 6.0 section 2; Exif 2.31, CIPA DC-008-2016 §4.6.2), most significant
 * byte first. A directory is 2 bytes count, entries of 12 bytes, 4 bytes offset of the next one; values of more than 4
 * bytes stand behind it. Pure.
 */

/** One entry: a tag and its value as bytes. */
export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  /** Values, not bytes. */
  readonly count: number;
  readonly bytes: readonly number[];
}

const TYPE = { byte: 1, ascii: 2, short: 3, long: 4, rational: 5, undefined: 7 } as const;
const COUNT_BYTES = 2;
const ENTRY_BYTES = 12;
const NEXT_BYTES = 4;
const INLINE_BYTES = 4;

const u16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];

export const bytesEntry = (tag: number, ...bytes: readonly number[]): TiffEntry => ({
  ...{ tag, type: TYPE.byte, count: bytes.length, bytes },
});

/** 7-bit text with a zero behind it; what is not 7-bit becomes `?`. */
export function asciiEntry(tag: number, text: string): TiffEntry {
  const bytes = [...text].map((character) => (/[ -~]/.test(character) ? character.charCodeAt(0) : 0x3f));
  return { tag, type: TYPE.ascii, count: bytes.length + 1, bytes: [...bytes, 0] };
}

export const shortEntry = (tag: number, value: number): TiffEntry => ({
  ...{ tag, type: TYPE.short, count: 1, bytes: u16(value) },
});

export const longEntry = (tag: number, value: number): TiffEntry => ({
  ...{ tag, type: TYPE.long, count: 1, bytes: u32(value) },
});

/** Unsigned fractions, each as numerator and denominator. */
export const rationalEntry = (tag: number, ...values: readonly (readonly [number, number])[]): TiffEntry => ({
  ...{ tag, type: TYPE.rational, count: values.length, bytes: values.flat().flatMap(u32) },
});

export const undefinedEntry = (tag: number, ...bytes: readonly number[]): TiffEntry => ({
  ...{ tag, type: TYPE.undefined, count: bytes.length, bytes },
});

/** How long a directory with these entries becomes, the values behind it included. */
export const directoryBytes = (entries: readonly TiffEntry[]): number =>
  entries.reduce((sum, entry) => sum + ENTRY_BYTES + outsideBytes(entry), COUNT_BYTES + NEXT_BYTES);

/** The directory as it stands at offset `at` of the file, and no other behind it. Entries are put in order of their tags. */
export function writeDirectory(entries: readonly TiffEntry[], at: number): number[] {
  const sorted = entries.toSorted((a, b) => a.tag - b.tag);
  const table = u16(sorted.length);
  const outside: number[] = [];
  const outsideAt = at + COUNT_BYTES + ENTRY_BYTES * sorted.length + NEXT_BYTES;
  for (const { tag, type, count, bytes } of sorted) {
    const isInline = bytes.length <= INLINE_BYTES;
    const value = isInline ? padded(bytes, INLINE_BYTES) : u32(outsideAt + outside.length);
    table.push(...u16(tag), ...u16(type), ...u32(count), ...value);
    if (!isInline) outside.push(...padded(bytes, evenLength(bytes)));
  }
  return [...table, ...u32(0), ...outside];
}

/** Values begin at even offsets. */
const evenLength = ({ length }: readonly number[]): number => length + (length % 2);
const outsideBytes = ({ bytes }: TiffEntry): number => (bytes.length <= INLINE_BYTES ? 0 : evenLength(bytes));
const padded = (bytes: readonly number[], length: number): number[] => [
  ...bytes,
  ...Array.from({ length: length - bytes.length }, () => 0),
];
