import type { Clock } from '../base/clock.ts';
import type { CamboxError } from '../base/errors.ts';
import { type MonoUs, msFromUs } from '../base/units.ts';
import type { JobView } from './job.ts';
import type { LearnedCosts, MeasuredUse } from './learned-costs.ts';
import { noRoomForLive } from './refusals.ts';
import type { Conditions, Scheduler } from './scheduler.ts';
import type { Workload } from './workload.ts';

export type LiveWorkload = Workload<'live'>;

/** The right to record. */
export interface LiveLease {
  /** The workload that there was room for. */
  readonly workload: LiveWorkload;
  /** The memory cap for the child. */
  readonly capBytes: number;
  /** The child is gone, and needed so much, if that is known. Idempotent. */
  end(use: MeasuredUse | undefined): void;
}

export interface LiveDeps {
  readonly clock: Clock;
  readonly costs: LearnedCosts;
  readonly scheduler: Scheduler;
  conditions(): Conditions;
  retryAfterMs(): number;
  onEnd(): void;
}

interface Recording {
  readonly title: string;
  readonly workload: LiveWorkload;
  readonly memoryBytes: number;
  readonly since: MonoUs;
}

/** What records at the moment: admitted at once or not at all, before anything that can wait. */
export class LiveRecordings {
  readonly #deps: LiveDeps;
  readonly #recordings = new Map<string, Recording>();
  #lastNumber = 0;

  constructor(deps: LiveDeps) {
    this.#deps = deps;
  }

  get count(): number {
    return this.#recordings.size;
  }

  /**
   * Room for a recording, as the first of the choices that there is room for: what was asked for, then what costs less.
   * `busy` when there is room for none.
   */
  admit(title: string, choices: readonly [LiveWorkload, ...LiveWorkload[]]): LiveLease | CamboxError {
    const { costs, scheduler, clock } = this.#deps;
    const conditions = this.#deps.conditions();
    const id = `live-${this.#lastNumber + 1}`;
    for (const workload of choices) {
      const cost = costs.costOf(workload);
      if (!scheduler.admitLive(id, cost, conditions)) continue;
      this.#lastNumber += 1;
      this.#recordings.set(id, { title, workload, memoryBytes: cost.memoryBytes, since: clock.now() });
      return { workload, capBytes: cost.capBytes, end: (use) => this.#end(id, use) };
    }
    const cheapest = Math.min(...choices.map((workload) => costs.costOf(workload).memoryBytes));
    const budgetBytes = scheduler.budget.memoryBytes - scheduler.taken.memoryBytes;
    const freeBytes = Math.min(budgetBytes, conditions.availableBytes);
    return noRoomForLive(title, cheapest, freeBytes, this.#deps.retryAfterMs());
  }

  list(): JobView[] {
    const now = this.#deps.clock.now();
    return [...this.#recordings].map(([id, { title, workload, memoryBytes, since }]) => {
      const age = Math.round(msFromUs(now - since));
      const { kind } = workload;
      return {
        ...{ job: id, kind, title, state: 'running', progress: 0, age_ms: age, running_ms: age },
        ...{ memory_bytes: memoryBytes, requesters: 1 },
      };
    });
  }

  #end(id: string, use: MeasuredUse | undefined): void {
    const recording = this.#recordings.get(id);
    if (recording === undefined) return;
    this.#recordings.delete(id);
    if (use !== undefined) this.#deps.costs.learn(recording.workload, use);
    this.#deps.scheduler.finish(id);
    this.#deps.onEnd();
  }
}
