/** When a picture was taken, by its Exif (Exif 2.31 §4.6). Pure, never throws. */

const EXIF = Buffer.from('Exif\0\0', 'latin1');
const [DATE_TIME, EXIF_POINTER, DATE_TIME_ORIGINAL, OFFSET_TIME_ORIGINAL] = [0x0132, 0x8769, 0x9003, 0x9011];
const ENTRY_BYTES = 12;
const MOST_ENTRIES = 512;

/**
 * Milliseconds since 1970, or undefined when it does not say. A time without its offset from UTC is taken to be that of this
 * machine.
 *
 * @param head the beginning of a JPEG: Exif stands in its first 64 KB
 */
export function exifTimeMs(head: Uint8Array): number | undefined {
  const at = Buffer.from(head.buffer, head.byteOffset, head.byteLength).indexOf(EXIF);
  if (at < 0) return undefined;
  const tiff = head.subarray(at + EXIF.length);
  if (tiff.length < 8) return undefined;
  const reader = new TiffReader(tiff);
  const picture = reader.directory(reader.u32(4));
  const exif = reader.directory(picture.get(EXIF_POINTER)?.value ?? -1);
  const taken = reader.text(exif.get(DATE_TIME_ORIGINAL)) ?? reader.text(picture.get(DATE_TIME));
  const [, date, time] = /^(\d{4}:\d\d:\d\d) (\d\d:\d\d:\d\d)/.exec(taken ?? '') ?? [];
  if (date === undefined) return undefined;
  const offset = /^[+-]\d\d:\d\d/.exec(reader.text(exif.get(OFFSET_TIME_ORIGINAL)) ?? '')?.[0] ?? '';
  const ms = Date.parse(`${date.replaceAll(':', '-')}T${time}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

interface Entry {
  readonly count: number;
  /** The value, or where it stands when it is longer than four bytes. */
  readonly value: number;
  readonly at: number;
}

/** Reads of what is not there are zeros. */
class TiffReader {
  readonly #view: DataView;
  readonly #isLittle: boolean;

  constructor(tiff: Uint8Array) {
    this.#view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
    this.#isLittle = tiff[0] === 0x49; // "II"
  }

  u32(at: number): number {
    return at >= 0 && at + 4 <= this.#view.byteLength ? this.#view.getUint32(at, this.#isLittle) : 0;
  }

  directory(at: number): Map<number, Entry> {
    const entries = new Map<number, Entry>();
    const count = Math.min(this.#u16(at), MOST_ENTRIES);
    for (let i = 0; i < count; i++) {
      const entry = at + 2 + i * ENTRY_BYTES;
      entries.set(this.#u16(entry), { count: this.u32(entry + 4), value: this.u32(entry + 8), at: entry + 8 });
    }
    return entries;
  }

  text(entry: Entry | undefined): string | undefined {
    if (entry === undefined) return undefined;
    const at = entry.count <= 4 ? entry.at : entry.value;
    const end = at + Math.min(entry.count, 64);
    if (end > this.#view.byteLength) return undefined;
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + at, end - at).toString('latin1');
  }

  #u16(at: number): number {
    return at >= 0 && at + 2 <= this.#view.byteLength ? this.#view.getUint16(at, this.#isLittle) : 0;
  }
}
