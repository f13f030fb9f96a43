import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';

/** What the process gives to the daemon. */
export interface DaemonDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted to stop. */
  readonly signal: AbortSignal;
  onReload(listener: () => void): Disposable;
  /** Read the config again; throws `bad_config`. */
  loadConfig(): Config;
}
