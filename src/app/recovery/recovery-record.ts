import type { CamboxError, ErrorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import { type MonoUs, usFromMs } from '../../base/units.ts';
import type { Stage, Step } from './ladder.ts';

/** Faults that show while pictures come: one that comes after the stage does not yet tell that it helped. */
const OF_PICTURES: readonly ErrorCode[] = ['pictures_frozen', 'pictures_corrupt'];

/** What has been wrong with a camera since the start, and what was done about it: a log line each, and counters. */
export class RecoveryRecord {
  readonly #logger: Logger;
  readonly #faults = new ReasonCounts<ErrorCode>();
  readonly #tried = new ReasonCounts<Stage>();
  readonly #helped = new ReasonCounts<Stage>();
  /** Why a stage cannot be taken here. */
  readonly #skipped = new Map<Stage, string>();
  readonly #settledUs: number;
  #stage: Stage | undefined;
  #code: ErrorCode | undefined;
  /** A stage after which pictures come, and since when these have been well. */
  #onTrial: { readonly stage: Stage; since: MonoUs | undefined } | undefined;

  /** `settledMs`: pictures that were frozen or corrupt are cured when they have been well for so long. */
  constructor(settledMs: number, logger: Logger) {
    this.#settledUs = usFromMs(settledMs);
    this.#logger = logger;
  }

  /** It broke, or the stage before did not help; `step` is next. */
  faulty({ code, message }: CamboxError, step: Step): void {
    this.#faults.add(code);
    this.#code = code;
    this.#onTrial = undefined;
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
    this.#onTrial = undefined;
  }

  /** Frames flow. Returns the stage that brought them. */
  streams(): Stage | undefined {
    const stage = this.#stage;
    this.#stage = undefined;
    if (stage === undefined) return undefined;
    if (this.#code !== undefined && OF_PICTURES.includes(this.#code)) this.#onTrial = { stage, since: undefined };
    else this.#helped.add(stage);
    return stage;
  }

  /** A picture came. `isWell`: there is nothing to warn of. */
  picture(isWell: boolean, now: MonoUs): void {
    const trial = this.#onTrial;
    if (trial === undefined) return;
    trial.since = isWell ? (trial.since ?? now) : undefined;
    if (trial.since === undefined || now - trial.since < this.#settledUs) return;
    this.#helped.add(trial.stage);
    this.#onTrial = undefined;
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
