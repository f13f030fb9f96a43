/** Four characters in 32 bits, the first in the lowest byte (v4l2_fourcc): "MJPG" is 0x47504a4d. */
export function fourcc(name: string): number {
  if (!/^[ -~]{4}$/.test(name)) throw new Error(`A fourcc has four ASCII characters: received "${name}"`);
  return Buffer.from(name, 'latin1').readUInt32LE(0);
}

/** Bit 31 marks the big-endian variant of a format (v4l2_fourcc_be). */
const BIG_ENDIAN = 0x80000000;

/** The name of a fourcc, with "-BE" after a big-endian variant, as v4l2-ctl prints it. */
export function fourccName(code: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE((code & ~BIG_ENDIAN) >>> 0);
  return bytes.toString('latin1') + ((code & BIG_ENDIAN) === 0 ? '' : '-BE');
}
