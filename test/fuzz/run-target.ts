import { heldBytes } from '../support/held-bytes.ts';
import type { Finding } from './finding.ts';
import { Random } from './random.ts';
import type { Seeds } from './seeds.ts';
import { ACCEPTED, type FuzzTarget, type OpenTarget } from './target.ts';

export interface RunOptions {
  readonly seed: number;
  readonly inputs: number;
  /** Stop after so long, whatever is left. */
  readonly seconds: number;
  /** False: time and memory are not judged, for a machine that does other things meanwhile. */
  readonly budgets: boolean;
  /** Told before each input. */
  readonly onIndex?: (index: number) => void;
}

export interface TargetResult {
  readonly target: string;
  readonly inputs: number;
  readonly accepted: number;
  /** By reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Undefined where no input can be checked a second time. */
  readonly slowestMs: number | undefined;
  /** Held at the end and not after the warm-up; undefined when not judged. */
  readonly heapGrowthBytes: number | undefined;
  /** One of each kind. */
  readonly findings: readonly Finding[];
}

/** No input may take longer: a frame comes every 33 ms, and others wait meanwhile. */
const SLOW_MS = 100;
/** What seems slow may have waited for other programs: only CPU time counts, the least of so many more tries. */
const SLOW_TRIES = 3;
/** What compiled code and its statistics may take. */
const HEAP_GROWTH_MAX = 8e6;
const WARM_UP_INPUTS = 2000;
/** Of findings of different kinds; then the target's run ends. */
const FINDINGS_MAX = 5;
/** Between two looks at the clock. */
const CLOCK_EVERY = 256;

/** Run one target over mutated inputs. Never throws for what the code under fuzz does. */
export const runTarget = (target: FuzzTarget, seeds: Seeds, options: RunOptions): Promise<TargetResult> =>
  new TargetRun(target, seeds, options).run();

class TargetRun {
  readonly #target: FuzzTarget;
  readonly #options: RunOptions;
  readonly #reasons: ReadonlySet<string>;
  readonly #log: FindingLog;
  /** A member, so that what it holds is still held when memory is measured. */
  readonly #open: OpenTarget;
  readonly #outcomes = new Map<string, number>();
  #slowestMs: number | undefined;

  constructor(target: FuzzTarget, seeds: Seeds, options: RunOptions) {
    this.#target = target;
    this.#options = options;
    this.#reasons = new Set([ACCEPTED, ...target.reasons]);
    this.#log = new FindingLog(target, options.seed);
    this.#open = target.open(seeds);
  }

  async run(): Promise<TargetResult> {
    const { inputs, seconds, budgets, seed, onIndex } = this.#options;
    const { name } = this.#target;
    const endsAt = performance.now() + seconds * 1000;
    const warmUp = Math.min(WARM_UP_INPUTS, Math.floor(inputs / 10));
    let heldBefore: number | undefined;
    let index = 0;
    for (; index < inputs && !this.#log.isFull; index++) {
      if (index % CLOCK_EVERY === 0 && performance.now() > endsAt) break;
      if (index === warmUp && budgets) heldBefore = heldBytes();
      onIndex?.(index);
      await this.#take(index, this.#open.make(new Random(seed, name, index)));
    }
    const heapGrowthBytes = heldBefore === undefined ? undefined : heldBytes() - heldBefore;
    if (heapGrowthBytes !== undefined && heapGrowthBytes > HEAP_GROWTH_MAX) {
      this.#log.add(index - 1, undefined, `the heap has grown: ${heapGrowthBytes} bytes since input ${warmUp}`);
    }
    const { [ACCEPTED]: accepted = 0, ...refused } = Object.fromEntries(this.#outcomes);
    const { findings } = this.#log;
    return { target: name, inputs: index, accepted, refused, slowestMs: this.#slowestMs, heapGrowthBytes, findings };
  }

  async #take(index: number, input: Uint8Array): Promise<void> {
    const startedAt = performance.now();
    const outcome = await this.#check(input);
    const ms = performance.now() - startedAt;
    if (outcome instanceof Error) {
      this.#log.add(index, input, outcome.stack ?? outcome.message);
    } else {
      this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
      if (!this.#reasons.has(outcome)) this.#log.add(index, input, `refused for an unknown reason: ${outcome}`);
    }
    if (!this.#target.remembers && ms > (this.#slowestMs ?? 0)) await this.#judgeTime(index, input, ms);
  }

  async #judgeTime(index: number, input: Uint8Array, firstMs: number): Promise<void> {
    const ms = this.#options.budgets ? Math.min(firstMs, await this.#leastMs(input)) : firstMs;
    if (this.#options.budgets && ms > SLOW_MS) this.#log.add(index, input, `it takes too long: ${Math.round(ms)} ms`);
    this.#slowestMs = Math.max(this.#slowestMs ?? 0, ms);
  }

  async #check(input: Uint8Array): Promise<string | Error> {
    try {
      return await this.#open.check(input);
    } catch (thrown) {
      return thrown instanceof Error ? thrown : new Error(`thrown: ${String(thrown)}`);
    }
  }

  /** The least CPU time of this thread for the input. */
  async #leastMs(input: Uint8Array): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < SLOW_TRIES; i++) {
      const start = process.threadCpuUsage();
      await this.#check(input);
      const { user, system } = process.threadCpuUsage(start);
      least = Math.min(least, (user + system) / 1000);
    }
    return least;
  }
}

/** Findings of one target: the first of each kind. */
class FindingLog {
  readonly findings: Finding[] = [];
  readonly #target: FuzzTarget;
  readonly #seed: number;
  readonly #kinds = new Set<string>();

  constructor(target: FuzzTarget, seed: number) {
    this.#target = target;
    this.#seed = seed;
  }

  get isFull(): boolean {
    return this.findings.length >= FINDINGS_MAX;
  }

  add(index: number, input: Uint8Array | undefined, problem: string): void {
    const kind = problem.split('\n', 1)[0]!.replaceAll(/\d+/g, 'N');
    if (this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    const { name, remembers } = this.#target;
    const own = remembers ? undefined : input?.slice();
    this.findings.push({ target: name, seed: this.#seed, index, problem, input: own });
  }
}
