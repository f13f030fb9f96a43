import type { Logger } from '../../base/logger.ts';
import { EIO } from '../../native/errno.ts';
import type { Notifier } from '../../systemd/notifier.ts';
import type { RestartBudget } from './restart-budget.ts';

/** The last stage of the ladder: systemd restarts the service, as if its watchdog had starved. */
export class ServiceRestart {
  readonly #notifier: Notifier;
  readonly #budget: RestartBudget;
  readonly #logger: Logger;

  constructor(notifier: Notifier, budget: RestartBudget, logger: Logger) {
    this.#notifier = notifier;
    this.#budget = budget;
    this.#logger = logger;
  }

  /** Returns undefined when the restart is on its way, else why there will be none. Never throws. */
  async request(reason: string): Promise<string | undefined> {
    if (this.#notifier.watchdogIntervalMs === undefined) return 'no watchdog of systemd watches this service';
    const refusal = await this.#budget.spend(reason);
    if (refusal !== undefined) return refusal;
    this.#logger.error('service_restart', { reason });
    this.#notifier.triggerWatchdog(EIO);
    return undefined;
  }
}
