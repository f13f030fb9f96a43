import { type Demand, QUEUED_KINDS, type QueuedKind } from './workload.ts';

/** What all children together may take. */
export interface Budget {
  readonly memoryBytes: number;
  /** In processor cores. */
  readonly cpu: number;
  /** Of the memory, what queued jobs leave for live recordings. */
  readonly liveReserveBytes: number;
  /** Jobs that may wait; more are refused. */
  readonly queueLength: number;
}

/** How the machine is at this moment, beside what we have given away of it. */
export interface Conditions {
  /** Memory that can be had without swapping; Infinity when nobody knows. */
  readonly availableBytes: number;
  /** Programs wait for memory: nothing is started that can wait. */
  readonly pressed: boolean;
}

export const GOOD_CONDITIONS: Conditions = { availableBytes: Number.POSITIVE_INFINITY, pressed: false };

/** What the machine keeps in any case. */
const LEFT_ALONE_BYTES = 24 * 2 ** 20;
/** Sums of fractions of a core are compared with this tolerance. */
const CPU_TOLERANCE = 1e-6;

const NOTHING: Demand = { memoryBytes: 0, cpu: 0 };

/**
 * Decides what may run, and nothing else: no clock, no I/O, same calls, same answers.
 *
 * - The sum of what runs never exceeds the budget; queued jobs leave the reserve of live recordings alone.
 * - Of the kinds, `cut` goes before `export` before `timelapse`; within a kind, who came first goes first.
 * - Nobody overtakes a job that only waits for other queued jobs to end: small ones cannot starve a large one. One that
 *   waits for live recordings to end is overtaken, as that may take hours.
 */
export class Scheduler {
  #budget: Budget;
  readonly #waiting: Readonly<Record<QueuedKind, Map<string, Demand>>> = {
    cut: new Map(),
    export: new Map(),
    timelapse: new Map(),
  };
  readonly #running = new Map<string, Demand>();
  readonly #live = new Map<string, Demand>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  get waiting(): number {
    return QUEUED_KINDS.reduce((sum, kind) => sum + this.#waiting[kind].size, 0);
  }

  /** Queued jobs that run. */
  get running(): number {
    return this.#running.size;
  }

  /** What runs takes so much, live recordings included. */
  get taken(): Demand {
    return plus(sum(this.#running), sum(this.#live));
  }

  get budget(): Budget {
    return this.#budget;
  }

  /** Another budget from now on. What runs goes on. Returns the waiting jobs that it could never run: withdrawn. */
  configure(budget: Budget): readonly string[] {
    this.#budget = budget;
    const hopeless = QUEUED_KINDS.flatMap((kind) =>
      [...this.#waiting[kind]].filter(([, demand]) => !this.couldEverRun(demand)).map(([id]) => id),
    );
    for (const id of hopeless) this.withdraw(id);
    return hopeless;
  }

  /** Whether a queued job could run if nothing else did. One that wants more cores than there are gets all of them. */
  couldEverRun({ memoryBytes }: Demand): boolean {
    return memoryBytes <= this.#budget.memoryBytes - this.#budget.liveReserveBytes;
  }

  /** Queue a job. The id is new. `evenFull`: it was taken before, and is not refused now. */
  offer(
    id: string,
    kind: QueuedKind,
    { memoryBytes, cpu }: Demand,
    { evenFull = false } = {},
  ): 'waiting' | 'full' | 'too_large' {
    if (!this.couldEverRun({ memoryBytes, cpu })) return 'too_large';
    if (this.waiting >= this.#budget.queueLength && !evenFull) return 'full';
    this.#waiting[kind].set(id, { memoryBytes, cpu: Math.min(cpu, this.#budget.cpu) });
    return 'waiting';
  }

  /** Take a job out of the queue; false when it does not wait. */
  withdraw(id: string): boolean {
    return QUEUED_KINDS.some((kind) => this.#waiting[kind].delete(id));
  }

  /** The job to start now, counted as running from here on; undefined: none. Call it until it has no more. */
  next(conditions: Conditions): string | undefined {
    if (conditions.pressed) return undefined;
    const live = sum(this.#live);
    const free = this.#freeBeside(live, sum(this.#running));
    const freeOfLive = this.#freeBeside(live, NOTHING);
    for (const kind of QUEUED_KINDS) {
      for (const [id, demand] of this.#waiting[kind]) {
        if (fits(demand, free) && this.#machineHas(demand, conditions)) {
          this.#waiting[kind].delete(id);
          this.#running.set(id, demand);
          return id;
        }
        if (fits(demand, freeOfLive)) return undefined;
      }
    }
    return undefined;
  }

  /**
   * Start a live recording now or not at all. Under pressure only what takes no processor time (a copy) is started.
   */
  admitLive(id: string, demand: Demand, conditions: Conditions): boolean {
    const { memoryBytes, cpu } = this.#budget;
    const hasMemory = this.taken.memoryBytes + demand.memoryBytes <= memoryBytes;
    // Queued jobs do not count: they run at a lower weight and give way.
    const hasCpu = demand.cpu === 0 || (sum(this.#live).cpu + demand.cpu <= cpu + CPU_TOLERANCE && !conditions.pressed);
    if (!hasMemory || !hasCpu || !this.#machineHas(demand, conditions)) return false;
    this.#live.set(id, demand);
    return true;
  }

  /** What ran has ended. */
  finish(id: string): void {
    this.#running.delete(id);
    this.#live.delete(id);
  }

  #freeBeside(live: Demand, queued: Demand): Demand {
    const { memoryBytes, cpu, liveReserveBytes } = this.#budget;
    const forLive = Math.max(live.memoryBytes, liveReserveBytes);
    return { memoryBytes: memoryBytes - forLive - queued.memoryBytes, cpu: cpu - live.cpu - queued.cpu };
  }

  #machineHas({ memoryBytes }: Demand, { availableBytes }: Conditions): boolean {
    return memoryBytes + LEFT_ALONE_BYTES <= availableBytes;
  }
}

const plus = (a: Demand, b: Demand): Demand => ({ memoryBytes: a.memoryBytes + b.memoryBytes, cpu: a.cpu + b.cpu });

const sum = (demands: ReadonlyMap<string, Demand>): Demand => [...demands.values()].reduce(plus, NOTHING);

const fits = (demand: Demand, free: Demand): boolean =>
  demand.memoryBytes <= free.memoryBytes && demand.cpu <= free.cpu + CPU_TOLERANCE;
