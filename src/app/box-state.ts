import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { asCamboxError, type CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { ResourceStack } from '../base/resource-stack.ts';
import { lockFolder } from '../catalog/lock-folder.ts';
import { StateStore } from '../catalog/state/state-store.ts';
import type { Check } from '../health/checks.ts';

export interface BoxStateOptions {
  /** systemd's $STATE_DIRECTORY, the folders of the unit's StateDirectory= with colons between. */
  readonly stateDirectories: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface StateParts {
  readonly database?: StateStore;
  /** Nobody else writes to the folder. */
  readonly lock?: Disposable;
  readonly problem?: CamboxError;
}

export const STATE_FILE = 'state.db';

/**
 * What the service has to know after a restart or a power cut, in systemd's state folder: commands, jobs, encoder probes, messages for
 * the fleet. Without such a folder, or with one that cannot be written or that another service has, all of it lasts until the end of the process.
 */
export class BoxState implements AsyncDisposable {
  readonly database: StateStore | undefined;
  readonly #lock: Disposable | undefined;
  readonly #problem: CamboxError | undefined;

  /** Never rejects: a box without it still captures, streams and records. */
  static async open({ stateDirectories, clock, logger }: BoxStateOptions): Promise<BoxState> {
    const [folder] = (stateDirectories ?? '').split(':');
    if (!folder) return new BoxState({});
    await using opening = new ResourceStack();
    try {
      const lock = opening.use(lockFolder(folder, logger));
      const database = await StateStore.open(join(folder, STATE_FILE), { clock, logger });
      opening.move();
      return new BoxState({ database, lock });
    } catch (thrown) {
      const problem = asCamboxError(thrown, 'open', join(folder, STATE_FILE));
      logger.error('state_unavailable', { code: problem.code, problem: problem.message });
      return new BoxState({ problem });
    }
  }

  private constructor({ database, lock, problem }: StateParts) {
    this.database = database;
    this.#lock = lock;
    this.#problem = problem;
  }

  checks(): readonly Check[] {
    const id = 'state';
    const damage = this.database?.database.damaged;
    if (damage?.aborted) {
      return [{ id, status: 'warn', code: 'state_unavailable', hint: (damage.reason as CamboxError).message }];
    }
    if (this.database?.isAnew) {
      const hint =
        'It was damaged and begun anew, without the commands, jobs and messages that it held: check the disk';
      return [{ id, status: 'warn', code: 'state_begun_anew', hint }];
    }
    if (this.#problem === undefined) return [{ id, status: 'ok' }];
    const hint = `${this.#problem.message}. Mend it and restart the service: until then a restart forgets commands and jobs`;
    return [{ id, status: 'warn', code: 'state_unavailable', hint }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database?.[Symbol.asyncDispose]();
    this.#lock?.[Symbol.dispose]();
  }
}
