/** Bit 31 marks the big-endian variant of a format (v4l2_fourcc_be); its name ends in "-BE", as v4l2-ctl prints it. */
const BIG_ENDIAN = 0x80000000;
const BIG_ENDIAN_SUFFIX = '-BE';

/** Four characters in 32 bits, the first in the lowest byte (v4l2_fourcc): "MJPG" is 0x47504a4d. */
export function fourcc(name: string): number {
  const isBigEndian = name.length === 4 + BIG_ENDIAN_SUFFIX.length && name.endsWith(BIG_ENDIAN_SUFFIX);
  const characters = isBigEndian ? name.slice(0, 4) : name;
  if (characters.length !== 4) throw new Error(`A fourcc has four characters: received "${name}"`);
  const code = Buffer.from(characters, 'latin1').readUInt32LE(0);
  return isBigEndian ? (code | BIG_ENDIAN) >>> 0 : code;
}

/** The name of a fourcc; the inverse of `fourcc`. */
export function fourccName(code: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE((code & ~BIG_ENDIAN) >>> 0);
  return bytes.toString('latin1') + ((code & BIG_ENDIAN) === 0 ? '' : BIG_ENDIAN_SUFFIX);
}
