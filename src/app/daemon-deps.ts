import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import type { SelfProgram } from './editing/stored-export.ts';

/** What the process gives to the daemon. */
export interface DaemonDeps {
  readonly env: NodeJS.ProcessEnv;
  /** How this program is started: it is its own child for what would hold up the pictures. */
  readonly self: SelfProgram;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted to stop. */
  readonly signal: AbortSignal;
  onReload(listener: () => void): Disposable;
  /** Read the config again; throws `bad_config`. */
  loadConfig(): Config;
}
