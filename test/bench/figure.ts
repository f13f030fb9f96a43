/** One measured value. With a peer: the same measured of it in the same run, and value / peer_value. */
export interface Figure {
  /** Dotted and stable: `rtp.cpu_ms_per_frame`. */
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: string;
  readonly peer_value?: number;
  readonly ratio?: number;
}

/** A bench area: measures and yields its figures as they become known. */
export type BenchArea = () => AsyncIterable<Figure>;

const SIGNIFICANT_DIGITS = 4;

export function figure(name: string, value: number, unit: string): Figure {
  return { figure: name, value: rounded(value), unit };
}

export function comparedFigure(name: string, value: number, unit: string, peer: string, peerValue: number): Figure {
  return {
    ...figure(name, value, unit),
    peer,
    peer_value: rounded(peerValue),
    ratio: rounded(value / peerValue),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) throw new Error('no values to take the median of');
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const rounded = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS));
