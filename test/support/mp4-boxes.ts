/** Big-endian 32-bit words, as MP4 boxes hold them. */
export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}

/** A box of ISO/IEC 14496-12 §4.2: its size, its type and its body. */
export function box(type: string, ...body: Uint8Array[]): Buffer {
  const bytes = Buffer.concat(body);
  return Buffer.concat([u32(8 + bytes.length), Buffer.from(type, 'ascii'), bytes]);
}
