/** The text of a fixed-size `char[]` field: UTF-8 up to the first NUL, or the whole field when there is none. */
export function readCString(bytes: Uint8Array, offset: number, length: number): string {
  const field = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}
