import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Database } from '../catalog/database.ts';
import type { CommandJournal } from '../control/command-journal.ts';
import { CommandMemory } from '../control/command-memory.ts';
import { StoredJournal } from '../control/stored-journal.ts';
import type { Check } from '../health/checks.ts';

export interface ControlStateDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What commands and messages leave behind for the next run of the service, if there is a `state.db`. */
export class ControlState {
  readonly #stored: StoredJournal | undefined;
  readonly #memory = new CommandMemory();

  constructor(db: Database | undefined, { clock, logger }: ControlStateDeps) {
    this.#stored = db && new StoredJournal({ db, clock, logger });
  }

  get journal(): CommandJournal {
    return this.#stored ?? this.#memory;
  }

  checks(): readonly Check[] {
    if (this.#stored === undefined) return [];
    const { problem, unwritten } = this.#stored;
    if (problem === undefined) return [{ id: 'journal', status: 'ok' }];
    const hint = `${problem.message}. Until then commands are known until a restart (${unwritten} so far)`;
    return [{ id: 'journal', status: 'warn', code: 'journal_not_written', hint }];
  }
}
