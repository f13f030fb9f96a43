/** Makes JPEGs that cameras send and encoders on this machine do not. All work on a copy. */

const SOI_BYTES = 2;
const SOS = 0xda;

type Surgery = (jpeg: Uint8Array) => Uint8Array;

const join = (...parts: (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))));

/** The segments between SOI and the scan: marker, and all its bytes. */
function segments(jpeg: Uint8Array): { marker: number; bytes: Uint8Array }[] {
  const found: { marker: number; bytes: Uint8Array }[] = [];
  let at = SOI_BYTES;
  for (;;) {
    const marker = jpeg[at + 1]!;
    const end = at + 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!);
    found.push({ marker, bytes: jpeg.subarray(at, end) });
    at = end;
    if (marker === SOS) return found;
  }
}

/** Rebuild a picture from changed segments and the scan as it is. */
function rebuild(jpeg: Uint8Array, change: (marker: number, bytes: Uint8Array) => readonly Uint8Array[]): Uint8Array {
  const before = segments(jpeg);
  const headBytes = before.reduce((sum, { bytes }) => sum + bytes.length, SOI_BYTES);
  const after = before.flatMap(({ marker, bytes }) => change(marker, bytes));
  return join(jpeg.subarray(0, SOI_BYTES), ...after, jpeg.subarray(headBytes));
}

const segment = (marker: number, body: Uint8Array): Uint8Array =>
  join([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255], body);

export const insertSegment =
  (marker: number, body: Uint8Array): Surgery =>
  (jpeg) =>
    join(jpeg.subarray(0, SOI_BYTES), segment(marker, body), jpeg.subarray(SOI_BYTES));

export const removeSegments =
  (marker: number): Surgery =>
  (jpeg) =>
    rebuild(jpeg, (found, bytes) => (found === marker ? [] : [bytes]));

export const append =
  (bytes: readonly number[]): Surgery =>
  (jpeg) =>
    join(jpeg, bytes);

/** As with two fields in a buffer, or a preview behind the picture. */
export const appendItself: Surgery = (jpeg) => join(jpeg, jpeg);

export const removeEoi: Surgery = (jpeg) => jpeg.slice(0, -2);

/** FF FF before the first marker (T.81 §B.1.1.2). */
export const addFillBytes: Surgery = (jpeg) => join(jpeg.subarray(0, 2), [0xff, 0xff], jpeg.subarray(2));

/** All tables of several DQT segments in one. */
export const joinQuantTables: Surgery = (jpeg) => {
  const tables = segments(jpeg)
    .filter(({ marker }) => marker === 0xdb)
    .map(({ bytes }) => bytes.subarray(4));
  let done = false;
  return rebuild(jpeg, (marker, bytes) => {
    if (marker !== 0xdb) return [bytes];
    if (done) return [];
    done = true;
    return [segment(0xdb, join(...tables))];
  });
};

/** The same 8-bit tables written with 16 bits an element. */
export const widenQuantTables: Surgery = (jpeg) =>
  rebuild(jpeg, (marker, bytes) => {
    if (marker !== 0xdb) return [bytes];
    const wide: number[] = [];
    for (let at = 4; at < bytes.length; at += 65) {
      wide.push(0x10 | bytes[at]!);
      for (const value of bytes.subarray(at + 1, at + 65)) wide.push(0, value);
    }
    return [segment(0xdb, Uint8Array.from(wide))];
  });

/** Without its last bytes, EOI among them. */
export const cutOff: Surgery = (jpeg) => jpeg.slice(0, -Math.floor(jpeg.length / 4));
