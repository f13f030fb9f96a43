import type { CamboxError, ErrorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import type { Stage, Step } from './ladder.ts';

/** What has been wrong with a camera since the start, and what was done about it: a log line each, and counters. */
export class RecoveryRecord {
  readonly #logger: Logger;
  readonly #faults = new ReasonCounts<ErrorCode>();
  readonly #tried = new ReasonCounts<Stage>();
  readonly #helped = new ReasonCounts<Stage>();
  /** Why a stage cannot be taken here. */
  readonly #skipped = new Map<Stage, string>();
  #stage: Stage | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** It broke, or the stage before did not help; `step` is next. */
  faulty({ code, message }: CamboxError, step: Step): void {
    this.#faults.add(code);
    if (step.do === 'rest') {
      this.#stage = undefined;
      this.#logger.error('camera_recovery_exhausted', { code, error: message, rest_s: step.restMs / 1000 });
      return;
    }
    this.#stage = step.do;
    this.#tried.add(step.do);
    const { attempt, attempts, budgetMs } = step;
    this.#logger.warn('camera_recovery', {
      stage: step.do,
      attempt,
      attempts,
      budget_s: budgetMs / 1000,
      code,
      error: message,
    });
  }

  /** Told again only when the reason has changed. */
  skipped(stage: Stage, reason: string): void {
    this.#stage = undefined;
    if (this.#skipped.get(stage) === reason) return;
    this.#skipped.set(stage, reason);
    this.#logger.warn('camera_recovery_skipped', { stage, reason });
  }

  /** No stage is at work: the camera is not there, or not to be had. */
  idle(): void {
    this.#stage = undefined;
  }

  /** Frames flow. Returns the stage that brought them. */
  streams(): Stage | undefined {
    const stage = this.#stage;
    this.#stage = undefined;
    if (stage !== undefined) this.#helped.add(stage);
    return stage;
  }

  /** Plain JSON. */
  report(): Readonly<Record<string, unknown>> {
    return {
      stage: this.#stage ?? null,
      faults: this.#faults,
      tried: this.#tried,
      helped: this.#helped,
      skipped: Object.fromEntries(this.#skipped),
    };
  }
}
