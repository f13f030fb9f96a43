import { seedCost } from './seed-costs.ts';
import { type Demand, type Workload, workloadName } from './workload.ts';

/** What a child was measured to need. */
export interface MeasuredUse {
  /** The most memory it held that cannot be given back by itself: without pages of files. */
  readonly heldBytes: number;
  /** It was killed as it wanted more than its cap. */
  readonly overCap: boolean;
  /** The most memory it had, and its processor time; left out where that was not measured. */
  readonly peakBytes?: number;
  readonly cpuMs?: number | undefined;
}

/** The cost of one child, and the cap it runs under. */
export interface Cost extends Demand {
  readonly capBytes: number;
}

/** Peaks in KiB by the name of the workload, the oldest first: what is kept over a restart. */
export type CostTable = Readonly<Record<string, readonly number[]>>;

/** Peaks that are remembered of each workload. */
export const MAX_PEAKS = 32;
/** Workloads that are remembered; the one that was not seen for longest is forgotten. */
export const MAX_WORKLOADS = 64;
/** With fewer peaks than this the seed is believed, too. */
const ENOUGH_PEAKS = 5;
const PERCENTILE = 0.95;
/** A child that was killed at its cap needs more than that; how much more is found out step by step. */
const OVER_CAP_FACTOR = 1.5;
/** No child of the daemon is given more, whatever it wants. */
const MAX_CAP_BYTES = 256 * 2 ** 20;
const CAP_STEP_BYTES = 8 * 2 ** 20;
const KIB = 1024;

/** What children need, learned from those that ran: the 95th percentile of their peaks, by workload. */
export class LearnedCosts {
  readonly #peaks = new Map<string, number[]>();
  readonly #mostBytes: number;

  /** `mostBytes`: no child is given more. */
  constructor(table: CostTable = {}, mostBytes = MAX_CAP_BYTES) {
    this.#mostBytes = mostBytes;
    for (const [name, peaks] of Object.entries(table).slice(-MAX_WORKLOADS)) {
      this.#peaks.set(name, peaks.slice(-MAX_PEAKS));
    }
  }

  costOf(workload: Workload): Cost {
    const seed = seedCost(workload);
    const peaks = this.#peaks.get(workloadName(workload)) ?? [];
    const learned = percentile(peaks) * KIB;
    const memoryBytes = Math.min(
      peaks.length < ENOUGH_PEAKS ? Math.max(seed.memoryBytes, learned) : learned,
      this.#mostBytes,
    );
    // A cap below the seed's would only kill the first child that differs from those before it.
    const wanted = Math.max(seed.memoryBytes, memoryBytes) + seed.headroomBytes;
    const capBytes = Math.min(Math.ceil(wanted / CAP_STEP_BYTES) * CAP_STEP_BYTES, this.#mostBytes);
    return { memoryBytes, capBytes, cpu: seed.cpu };
  }

  learn(workload: Workload, { heldBytes, overCap }: MeasuredUse): void {
    const bytes = overCap ? Math.max(heldBytes, this.costOf(workload).capBytes) * OVER_CAP_FACTOR : heldBytes;
    const name = workloadName(workload);
    const peaks = [...(this.#peaks.get(name) ?? []), Math.ceil(Math.min(bytes, this.#mostBytes) / KIB)];
    this.#peaks.delete(name); // inserted again below: the order of the map is the order of use
    this.#peaks.set(name, peaks.slice(-MAX_PEAKS));
    const [oldest] = this.#peaks.keys();
    if (this.#peaks.size > MAX_WORKLOADS && oldest !== undefined) this.#peaks.delete(oldest);
  }

  get table(): CostTable {
    return Object.fromEntries(this.#peaks);
  }
}

function percentile(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(PERCENTILE * sorted.length) - 1] ?? 0;
}
