import { joined } from './mutate-bytes.ts';

/** A datagram, and how long after the one before it came. */
export interface Arrival {
  readonly packet: Uint8Array;
  readonly afterMs: number;
}

const HEADER_BYTES = 4;

/** Datagrams as one input: time and length of each in 16 bits, then its bytes. */
export function packArrivals(arrivals: readonly Arrival[]): Uint8Array {
  const parts = arrivals.flatMap(({ packet, afterMs }) => {
    const header = Uint8Array.of(afterMs >> 8, afterMs & 0xff, packet.length >> 8, packet.length & 0xff);
    return [header, packet];
  });
  return joined(...parts);
}

/** What `packArrivals` put together, as views; of other bytes, as much as makes sense. */
export function unpackArrivals(input: Uint8Array): Arrival[] {
  const arrivals: Arrival[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= input.length) {
    const word = (offset: number): number => (input[at + offset]! << 8) | input[at + offset + 1]!;
    const start = at + HEADER_BYTES;
    arrivals.push({ packet: input.subarray(start, start + word(2)), afterMs: word(0) });
    at = start + word(2);
  }
  return arrivals;
}
