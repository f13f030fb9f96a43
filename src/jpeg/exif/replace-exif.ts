const SOI_BYTES = 2;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP15 = 0xef;
const JFIF = Buffer.from('JFIF\0', 'latin1');
const EXIF = Buffer.from('Exif\0\0', 'latin1');

/**
 * The picture with `exif` (a whole APP1 segment) as its only Exif: what it brought itself is left out; other APPn segments
 * stay. It stands where readers look for it: first (Exif 2.31 §4.5.4), or behind a JFIF segment, which must be first itself
 * (JFIF 1.02). `jpeg` is one that walkJpeg has followed. Returns a new array owned by the caller; no picture byte changes.
 */
export function replaceExif(jpeg: Uint8Array, exif: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [];
  let at = SOI_BYTES;
  for (;;) {
    const segment = appSegment(jpeg, at);
    if (segment === undefined) break;
    if (!isNamed(segment, APP1, EXIF)) kept.push(segment);
    at += segment.length;
  }
  const [first, ...others] = kept;
  const isJfif = first !== undefined && isNamed(first, APP0, JFIF);
  const head = isJfif ? [first, exif, ...others] : [exif, ...kept];
  return Buffer.concat([jpeg.subarray(0, SOI_BYTES), ...head, jpeg.subarray(at)]);
}

/** The APPn segment at `at`, marker included, as a view; undefined when something else stands there. */
function appSegment(jpeg: Uint8Array, at: number): Uint8Array | undefined {
  const [prefix = 0, marker = 0, high = 0, low = 0] = jpeg.subarray(at, at + 4);
  const end = at + 2 + ((high << 8) | low);
  const isApp = prefix === 0xff && marker >= APP0 && marker <= APP15;
  return isApp && end <= jpeg.length ? jpeg.subarray(at, end) : undefined;
}

const isNamed = (segment: Uint8Array, marker: number, name: Uint8Array): boolean =>
  segment[1] === marker && name.every((byte, i) => segment[4 + i] === byte);
