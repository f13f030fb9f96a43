import { Backoff, type BackoffLimits } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import { type MonoUs, monoPlus, usFromMs } from '../../base/units.ts';
import { type Hotplug, sleepUntilChange } from '../camera/hotplug.ts';
import { BoundedWork } from './bounded-work.ts';
import { judge, reopenLimits } from './judgement.ts';
import { RecoveryLadder, recoveryStages, type Stage, type Step } from './ladder.ts';
import { type SourceActions, SourceSlot } from './source-slot.ts';
import { type StageActions, StageWork, type Work } from './stage-work.ts';

/** What the keeper tells of what it does, before it does it. */
export interface KeeperEvents {
  /** The camera is not there, or something keeps us from it: it is opened again after the wait. */
  onUnavailable(why: 'absent' | 'blocked', error: CamboxError, waitMs: number): void;
  /** The camera is faulty. */
  onFaulty(error: CamboxError, step: Step): void;
  onSkipped(stage: Stage, reason: string): void;
  /** The device could not be closed: its driver hangs. */
  onNotClosed(error: CamboxError): void;
}

export interface KeeperOptions {
  /** For errors: "camera front". */
  readonly thing: string;
  /** How long a source waits for a picture before it gives up. */
  readonly frameWaitMs: number;
  /** A camera that has streamed for so long is well. */
  readonly settledMs: number;
}

export interface KeeperDeps {
  readonly clock: Clock;
  readonly hotplug: Hotplug;
  readonly random?: () => number;
}

/** Between two tries of one stage. */
const PAUSE_MS = 1000;
const OPEN_MS = 15_000;
const CLOSE_MS = 5000;
/** How often to look, in a rest, whether somebody has pulled the plug. */
const LOOK_MS = 500;

type Outcome = 'ended' | { readonly error: CamboxError } | { readonly skipped: string };

/**
 * Keeps the frames of one camera flowing: opens its source, and takes the steps of the recovery ladder when it breaks.
 * The only place where cambox tries cameras again: whatever runs inside just throws. Whatever hangs inside is given up
 * when its budget has run out.
 */
export class CameraKeeper {
  readonly ladder: RecoveryLadder;
  readonly #options: KeeperOptions;
  readonly #actions: SourceActions & StageActions;
  readonly #events: KeeperEvents;
  readonly #clock: Clock;
  readonly #hotplug: Hotplug;
  readonly #random: () => number;
  /** Of the waits between tries to open it; a new one where they have other limits. */
  #backoff: { readonly limits: BackoffLimits; readonly waits: Backoff } | undefined;
  readonly #slot: SourceSlot;
  readonly #bounded: BoundedWork;
  readonly #stages: StageWork;
  /** Changes of devices when the camera was last opened. */
  #changesSeen = 0;

  constructor(
    options: KeeperOptions,
    actions: SourceActions & StageActions,
    events: KeeperEvents,
    { clock, hotplug, random = Math.random }: KeeperDeps,
  ) {
    this.ladder = new RecoveryLadder(recoveryStages(options.frameWaitMs), options.settledMs);
    this.#options = options;
    this.#actions = actions;
    this.#events = events;
    this.#clock = clock;
    this.#hotplug = hotplug;
    this.#random = random;
    this.#slot = new SourceSlot(actions);
    this.#bounded = new BoundedWork(clock);
    this.#stages = new StageWork(this.#slot, this.#bounded, actions, clock);
  }

  /** When the step under way must be over; undefined while the camera streams or is waited for. */
  get deadline(): MonoUs | undefined {
    return this.#bounded.deadline;
  }

  /** Resolves when the source has no more frames, or the signal is aborted; the device is free then, unless it hangs. */
  async run(signal: AbortSignal): Promise<void> {
    let outcome = await this.#open(signal);
    while (outcome !== 'ended' && 'error' in outcome && !signal.aborted) {
      outcome = await this.#mend(outcome.error, signal);
    }
    await this.#close(signal);
  }

  /** A frame came. */
  streams(): void {
    this.ladder.streams(this.#clock.now());
    if (!this.#slot.streams()) return;
    this.#bounded.met();
    this.#backoff = undefined;
  }

  async #mend(error: CamboxError, signal: AbortSignal): Promise<Outcome> {
    const judgement = judge(error);
    // One that can be opened, and says that it is gone before it gives a frame, is not gone.
    const pretends = judgement === 'absent' && this.#slot.isOpen && !this.#slot.streamed;
    if (judgement !== 'faulty' && !pretends) return this.#tryLater(judgement, error, signal);
    const step = this.#nextStep();
    this.#events.onFaulty(error, step);
    if (step.do === 'rest') return this.#rest(step.restMs, error, signal);
    if (step.attempt > 1) await this.#clock.sleep(PAUSE_MS, signal);
    if (signal.aborted) return 'ended';
    const outcome = await this.#do(step.do, step.budgetMs, this.#stages.of(step.do, error), signal);
    if (outcome === 'ended' || 'error' in outcome) return outcome;
    this.#events.onSkipped(step.do, outcome.skipped);
    this.ladder.skip();
    return { error };
  }

  /** Stages that need an open device, or a driver that answers, are left out without a word where there is none. */
  #nextStep(): Step {
    for (;;) {
      const step = this.ladder.next(this.#clock.now());
      const hangs = this.#bounded.hangs;
      const isVain =
        (step.do === 'restart_stream' && (hangs || !this.#slot.canRestart)) || (step.do === 'reopen' && hangs);
      if (!isVain) return step;
      this.ladder.skip();
    }
  }

  /** Leave it in peace, unless somebody pulls the plug, which may cure it. */
  async #rest(restMs: number, error: CamboxError, signal: AbortSignal): Promise<Outcome> {
    await this.#close(signal);
    const until = monoPlus(this.#clock.now(), usFromMs(restMs));
    while (!signal.aborted && this.#clock.now() < until) {
      await this.#clock.sleep(LOOK_MS, signal);
      if (await this.#actions.isThere()) continue;
      const cannot = { verb: 'run', thing: this.#options.thing, reason: 'it was unplugged' };
      return { error: new CamboxError('device_lost', cannot) };
    }
    return { error };
  }

  async #tryLater(why: 'absent' | 'blocked', error: CamboxError, signal: AbortSignal): Promise<Outcome> {
    if (why === 'absent') this.ladder.reset();
    const waitMs = this.#nextWaitMs(error);
    this.#events.onUnavailable(why, error, waitMs);
    await this.#close(signal); // at once: a device that is held open keeps its number when it is plugged in again
    const seen = this.#changesSeen;
    await sleepUntilChange(waitMs, { hotplug: this.#hotplug, seen, clock: this.#clock, signal });
    if (this.#hotplug.changes !== seen) this.#backoff = undefined;
    return this.#open(signal);
  }

  #nextWaitMs(error: CamboxError): number {
    const limits = reopenLimits(error);
    if (this.#backoff?.limits !== limits) this.#backoff = { limits, waits: new Backoff(limits, this.#random) };
    return this.#backoff.waits.nextMs();
  }

  #open(signal: AbortSignal): Promise<Outcome> {
    this.#changesSeen = this.#hotplug.changes;
    const budgetMs = OPEN_MS + this.#options.frameWaitMs;
    return this.#do('opening', budgetMs, (ending) => this.#stages.open(ending), signal);
  }

  async #close(signal: AbortSignal): Promise<void> {
    const outcome = await this.#do('closing', CLOSE_MS, () => this.#slot.close(), signal);
    if (outcome !== 'ended' && 'error' in outcome) this.#events.onNotClosed(outcome.error);
  }

  async #do(what: string, budgetMs: number, work: Work, signal: AbortSignal): Promise<Outcome> {
    const { thing } = this.#options;
    const safely = async (ending: AbortSignal): Promise<Outcome> => {
      try {
        const skipped = await work(ending);
        return typeof skipped === 'string' ? { skipped } : 'ended';
      } catch (thrown) {
        return { error: asCamboxError(thrown, 'run', thing) };
      }
    };
    const outcome = await this.#bounded.do(budgetMs, safely, signal);
    if (outcome !== 'late') return outcome;
    const reason = `${what} took more than ${budgetMs / 1000} s`;
    return { error: new CamboxError('timed_out', { verb: 'run', thing, reason }) };
  }
}
