import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { type MonoUs, usFromMs } from '../../base/units.ts';
import type { WatchdogDecision } from '../../health/watchdog.ts';
import type { Notifier } from '../../systemd/notifier.ts';
import type { RestartBudget } from './restart-budget.ts';

export interface WatchdogFeederDeps {
  readonly notifier: Notifier;
  readonly budget: RestartBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly decide: () => WatchdogDecision;
}

/**
 * Feeds systemd's watchdog as long as all goes well. When it does not, that may pass: half of the watchdog's time is left
 * for it. Then, to starve is a restart of the service like any other, and must be granted; else it is fed all the same.
 * A daemon that does not run at all is not asked: that is what the watchdog is for.
 */
export class WatchdogFeeder implements Disposable {
  readonly #deps: WatchdogFeederDeps;
  /** Half of the watchdog's time. */
  readonly #patienceMs: number;
  #hungrySince: MonoUs | undefined;
  #mayStarve: boolean | undefined;
  #cancel: () => void = () => undefined;
  #disposed = false;

  /** Does nothing where no watchdog is set. */
  constructor(deps: WatchdogFeederDeps) {
    this.#deps = deps;
    const { watchdogIntervalMs } = deps.notifier;
    this.#patienceMs = watchdogIntervalMs ?? Number.POSITIVE_INFINITY;
    if (watchdogIntervalMs !== undefined) this.#scheduleNext(0);
  }

  /** Four times in the watchdog's time, so that what is refused can still be fed. */
  #scheduleNext(ms: number): void {
    this.#cancel = this.#deps.clock.after(ms, async () => {
      await this.#check();
      if (!this.#disposed) this.#scheduleNext(this.#patienceMs / 2);
    });
  }

  async #check(): Promise<void> {
    const { notifier, decide } = this.#deps;
    const decision = decide();
    if (decision.feed) {
      this.#hungrySince = undefined;
      this.#mayStarve = undefined;
      notifier.watchdog();
    } else if (!(await this.#isHungryFor(decision.reason))) notifier.watchdog();
  }

  async #isHungryFor(reason: string): Promise<boolean> {
    const { clock, logger } = this.#deps;
    const now = clock.now();
    if (this.#hungrySince === undefined) logger.warn('watchdog_not_fed', { reason });
    this.#hungrySince ??= now;
    if (now - this.#hungrySince >= usFromMs(this.#patienceMs)) this.#mayStarve ??= await this.#askToStarve(reason);
    return this.#mayStarve ?? true;
  }

  async #askToStarve(reason: string): Promise<boolean> {
    const { budget, logger } = this.#deps;
    const refusal = await budget.spend(reason);
    if (refusal === undefined) logger.error('watchdog_starves', { reason });
    else logger.error('watchdog_fed_all_the_same', { reason, refusal });
    return refusal === undefined;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel();
  }
}
