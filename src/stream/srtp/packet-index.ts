const TWO_16 = 2 ** 16;
const HALF = 2 ** 15;
const TWO_32 = 2 ** 32;

/** The index of a packet: how often the sequence number has wrapped before it (modulo 2^32), and the number itself. */
export const packetIndex = (rollovers: number, sequence: number): number =>
  (((rollovers % TWO_32) + TWO_32) % TWO_32) * TWO_16 + sequence;

export const rolloversOf = (index: number): number => Math.floor(index / TWO_16);

/** Which index a packet has most likely, as close to the highest one so far as can be (RFC 3711 §3.3.1, appendix A). */
export function estimateIndex(highest: number, sequence: number): number {
  const rollovers = rolloversOf(highest);
  const last = highest % TWO_16;
  if (last < HALF) return packetIndex(sequence - last > HALF ? rollovers - 1 : rollovers, sequence);
  return packetIndex(last - HALF > sequence ? rollovers + 1 : rollovers, sequence);
}
