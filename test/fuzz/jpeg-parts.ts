const SOI: readonly number[] = [0xff, 0xd8];
const SOS = 0xda;

/** A picture in pieces that can be moved about. */
export interface JpegParts {
  /** Marker segments between SOI and the first scan, the last of them SOS; each from its marker on. */
  readonly segments: readonly Uint8Array[];
  /** What follows the scan's header: entropy-coded bytes, EOI and all behind it. */
  readonly scan: Uint8Array;
}

/** Take a whole picture to pieces. Throws when it is none. */
export function partsOf(jpeg: Uint8Array): JpegParts {
  const segments: Uint8Array[] = [];
  let at = SOI.length;
  for (;;) {
    const marker = jpeg[at + 1];
    if (jpeg[at] !== 0xff || marker === undefined) throw new Error(`no marker at byte ${at} of a seed`);
    const end = at + 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!);
    segments.push(jpeg.slice(at, end));
    at = end;
    if (marker === SOS) return { segments, scan: jpeg.slice(at) };
  }
}

export function joinParts({ segments, scan }: JpegParts): Uint8Array {
  const length = segments.reduce((sum, segment) => sum + segment.length, SOI.length + scan.length);
  const jpeg = new Uint8Array(length);
  jpeg.set(SOI);
  let at = SOI.length;
  for (const part of [...segments, scan]) {
    jpeg.set(part, at);
    at += part.length;
  }
  return jpeg;
}

/** A marker segment with its length. */
export const segmentOf = (marker: number, body: ArrayLike<number>): Uint8Array =>
  Uint8Array.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...Array.from(body)]);
