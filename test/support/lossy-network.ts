/** What the network does to one packet. */
export interface PacketFate {
  readonly isLost: boolean;
  readonly isDoubled: boolean;
  /** Packets sent later that arrive earlier, at most. */
  readonly delay: number;
}

/** The packets as they arrive: lost, doubled and out of order as the fates (one for each packet) tell. */
export function arrivals<T>(packets: readonly T[], fates: readonly PacketFate[]): T[] {
  return packets
    .flatMap((packet, i) => {
      const { isLost, isDoubled, delay } = fates[i % fates.length]!;
      if (isLost) return [];
      const arrival = { packet, at: i + delay };
      return isDoubled ? [arrival, { packet, at: i + (delay >> 1) }] : [arrival];
    })
    .sort((one, other) => one.at - other.at)
    .map(({ packet }) => packet);
}
