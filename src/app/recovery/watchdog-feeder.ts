import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
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
 * Feeds systemd's watchdog as long as all goes well, and says once why not. Going hungry is a restart like any other: it
 * needs to be granted. A daemon that does not run at all is not asked: that is what the watchdog is for.
 */
export class WatchdogFeeder implements Disposable {
  readonly #deps: WatchdogFeederDeps;
  /** Since it is hungry: whether it may starve. */
  #mayStarve: boolean | undefined;
  #cancel: () => void = () => undefined;
  #disposed = false;

  /** Does nothing where no watchdog is set. */
  constructor(deps: WatchdogFeederDeps) {
    this.#deps = deps;
    const { watchdogIntervalMs } = deps.notifier;
    if (watchdogIntervalMs !== undefined) this.#scheduleNext(0, watchdogIntervalMs);
  }

  #scheduleNext(ms: number, everyMs: number): void {
    this.#cancel = this.#deps.clock.after(ms, async () => {
      await this.#check();
      if (!this.#disposed) this.#scheduleNext(everyMs, everyMs);
    });
  }

  async #check(): Promise<void> {
    const { notifier, decide } = this.#deps;
    const decision = decide();
    if (decision.feed) this.#mayStarve = undefined;
    else this.#mayStarve ??= await this.#askToStarve(decision.reason);
    if (!this.#mayStarve) notifier.watchdog();
  }

  async #askToStarve(reason: string): Promise<boolean> {
    const { budget, logger } = this.#deps;
    const refusal = await budget.spend(reason);
    if (refusal === undefined) logger.error('watchdog_not_fed', { reason });
    else logger.error('watchdog_fed_all_the_same', { reason, refusal });
    return refusal === undefined;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel();
  }
}
