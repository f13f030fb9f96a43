/** Bytes of randomness: 96 bits make collisions negligible (RFC 7022 §5). */
const RANDOM_BYTES = 12;

/**
 * A canonical name for this machine (RFC 3550 §6.5.1), to be made once and used for all its streams: receivers take streams
 * of one name for those of one clock. A random one, as host names and addresses of field machines repeat (RFC 7022 §4).
 */
export function newCname(random: () => number): string {
  const bytes = Uint8Array.from({ length: RANDOM_BYTES }, () => Math.floor(random() * 256));
  return Buffer.from(bytes).toString('base64');
}
