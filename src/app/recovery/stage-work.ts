import type { Clock } from '../../base/clock.ts';
import type { CamboxError } from '../../base/errors.ts';
import { monoPlus, usFromMs } from '../../base/units.ts';
import type { BoundedWork } from './bounded-work.ts';
import type { Stage } from './ladder.ts';
import type { SourceSlot } from './source-slot.ts';

/** What the harsher stages need of the world. */
export interface StageActions {
  /** Whether the camera is plugged in, as far as can be seen without touching it. */
  isThere(): Promise<boolean>;
  /** Take the camera off its USB bus and put it back. Returns why that cannot be done, or undefined. */
  resetUsb(): Promise<string | undefined>;
  /** Have the whole service restarted. Returns why that cannot be done, or undefined: the end is near. */
  restartService(error: CamboxError): Promise<string | undefined>;
}

/** Resolves when the frames have come to their end, or with a text: why this stage cannot be taken. */
export type Work = (signal: AbortSignal) => Promise<unknown>;

/** How long calls that hang are waited for before the USB reset, which ends them. */
const FREE_MS = 5000;
/** How long the node of a camera may be away after it was put back on its bus, and how often to look. */
const RETURN_MS = 15_000;
const LOOK_MS = 250;

/** What is done at each stage of the ladder: the cure, and then the frames. */
export class StageWork {
  readonly #slot: SourceSlot;
  readonly #bounded: BoundedWork;
  readonly #actions: StageActions;
  readonly #clock: Clock;

  constructor(slot: SourceSlot, bounded: BoundedWork, actions: StageActions, clock: Clock) {
    this.#slot = slot;
    this.#bounded = bounded;
    this.#actions = actions;
    this.#clock = clock;
  }

  /** `error`: what is to be cured. */
  of(stage: Stage, error: CamboxError): Work {
    switch (stage) {
      case 'restart_stream':
        return (signal) => this.#slot.restart(signal);
      case 'reopen':
        return (signal) => this.open(signal);
      case 'usb_reset':
        return (signal) => this.#resetUsb(signal);
      case 'watchdog':
        return (signal) => this.#restartService(error, signal);
    }
  }

  /** Only one at a time may be opening a device: what hangs in it must be over. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#bounded.untilFree();
    await this.#slot.open(signal);
  }

  async #resetUsb(signal: AbortSignal): Promise<string | undefined> {
    const freed = Promise.allSettled([this.#slot.close(), this.#bounded.untilFree()]);
    await Promise.race([freed, this.#clock.sleep(FREE_MS, signal)]);
    const refusal = await this.#actions.resetUsb();
    if (refusal !== undefined) return refusal;
    await freed;
    const until = monoPlus(this.#clock.now(), usFromMs(RETURN_MS));
    while (!(await this.#actions.isThere()) && !signal.aborted && this.#clock.now() < until) {
      await this.#clock.sleep(LOOK_MS, signal);
    }
    await this.open(signal);
    return undefined;
  }

  async #restartService(error: CamboxError, signal: AbortSignal): Promise<string | undefined> {
    const refusal = await this.#actions.restartService(error);
    if (refusal !== undefined) return refusal;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
  }
}
