import { type MonoUs, usFromMs } from '../../base/units.ts';

/**
 * The ways to bring a camera back, from the gentlest to the harshest:
 *
 * - `restart_stream`: STREAMOFF and STREAMON on the open device;
 * - `reopen`: close the device and open it again;
 * - `usb_reset`: take the device off its USB bus and put it back, by a unit with the right to do so;
 * - `watchdog`: have systemd restart the service.
 */
export type Stage = 'restart_stream' | 'reopen' | 'usb_reset' | 'watchdog';

export interface StageLimits {
  readonly stage: Stage;
  readonly tries: number;
  /** So long one try may take until a picture comes. */
  readonly budgetMs: number;
}

/** What to do next: take a stage, or rest, as every stage has been tried in vain. */
export type Step =
  | { readonly do: Stage; readonly attempt: number; readonly attempts: number; readonly budgetMs: number }
  | { readonly do: 'rest'; readonly restMs: number };

/** A camera that has streamed for so long is well: the next fault is a new one. */
export const SETTLED_MS = 60_000;
const FIRST_REST_MS = 60_000;
const MAX_REST_MS = 600_000;

/** The stages with their limits. `frameWaitMs`: how long the source itself waits for a picture before it gives up. */
export const recoveryStages = (frameWaitMs: number): readonly StageLimits[] => [
  { stage: 'restart_stream', tries: 2, budgetMs: 5000 + frameWaitMs },
  { stage: 'reopen', tries: 3, budgetMs: 15_000 + frameWaitMs },
  { stage: 'usb_reset', tries: 2, budgetMs: 25_000 + frameWaitMs },
  { stage: 'watchdog', tries: 1, budgetMs: 15_000 },
];

/**
 * Which stage comes next for a camera that broke. Each has so many tries; then comes the next. After the last the camera
 * is left in peace for a while, each time for longer, before all begins anew. One that streams again for a minute starts
 * at the lowest stage. Knows no camera and no timer: it is told what happens, and when.
 */
export class RecoveryLadder {
  readonly #stages: readonly StageLimits[];
  readonly #settledUs: number;
  #rung = 0;
  /** Of the stage at `#rung`. */
  #tries = 0;
  /** How often every stage had been tried in vain. */
  #rounds = 0;
  #streamingSince: MonoUs | undefined;

  constructor(stages: readonly StageLimits[], settledMs = SETTLED_MS) {
    this.#stages = stages;
    this.#settledUs = usFromMs(settledMs);
  }

  /** Every stage has been tried since the camera was last well. */
  get exhausted(): boolean {
    return this.#rounds > 0;
  }

  /** A picture came. */
  streams(now: MonoUs): void {
    this.#streamingSince ??= now;
  }

  /** It broke, or the stage did not help. */
  next(now: MonoUs): Step {
    const since = this.#streamingSince;
    this.#streamingSince = undefined;
    if (since !== undefined && now - since >= this.#settledUs) this.reset();
    while (this.#tries >= (this.#stages[this.#rung]?.tries ?? Number.POSITIVE_INFINITY)) this.#climb();
    const limits = this.#stages[this.#rung];
    if (limits === undefined) return this.#rest();
    this.#tries += 1;
    return { do: limits.stage, attempt: this.#tries, attempts: limits.tries, budgetMs: limits.budgetMs };
  }

  /** The stage last given cannot be taken at all: leave it out. */
  skip(): void {
    this.#climb();
  }

  /** The camera was unplugged, or has been well: start at the bottom. */
  reset(): void {
    this.#rung = 0;
    this.#tries = 0;
    this.#rounds = 0;
  }

  #climb(): void {
    this.#rung += 1;
    this.#tries = 0;
  }

  #rest(): Step {
    this.#rung = 0;
    this.#tries = 0;
    const restMs = Math.min(MAX_REST_MS, FIRST_REST_MS * 2 ** Math.min(this.#rounds, 30));
    this.#rounds += 1;
    return { do: 'rest', restMs };
  }
}
