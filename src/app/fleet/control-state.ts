import type { Clock } from '../../base/clock.ts';
import { asCamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { within } from '../../base/within.ts';
import type { StateDatabase } from '../../catalog/memory-database.ts';
import { nextSessionNumber } from '../../catalog/state/session-number.ts';
import type { CommandJournal } from '../../control/command-journal.ts';
import { CommandMemory } from '../../control/command-memory.ts';
import { Spool, type Waiting } from '../../control/mqtt/spool.ts';
import { type InterruptedCommand, StoredJournal } from '../../control/stored-journal.ts';
import type { Check } from '../../health/checks.ts';

export interface ControlStateDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A disk that takes longer does not hold the start up. */
const DISK_MS = 3000;

/** What commands and messages leave behind for the next run of the service, if there is a `state.db`. */
export class ControlState {
  readonly spool: Spool | undefined;
  readonly #stored: StoredJournal | undefined;
  readonly #memory = new CommandMemory();
  readonly #db: StateDatabase | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #session: number;

  constructor(db: StateDatabase | undefined, { clock, logger }: ControlStateDeps) {
    this.#db = db;
    this.#clock = clock;
    this.#logger = logger;
    this.#session = Math.floor(clock.wall() / 1000);
    this.#stored = db && new StoredJournal({ db, clock, logger });
    this.spool = db && new Spool({ db, logger });
  }

  get journal(): CommandJournal {
    return this.#stored ?? this.#memory;
  }

  /** Number of this run of the service; without a disk that counts, the time of its start. */
  get session(): number {
    return this.#session;
  }

  /** What the service before had begun: to be asked before commands come in. */
  interrupted(): readonly InterruptedCommand[] {
    try {
      return this.#stored?.interrupted() ?? [];
    } catch (thrown) {
      this.#tell(thrown);
      return [];
    }
  }

  /** A run of the service begins, and these commands of the one before are over. Never rejects. */
  async begin(interrupted: readonly InterruptedCommand[]): Promise<void> {
    const db = this.#db;
    if (db === undefined) return;
    const work = async (): Promise<void> => {
      this.#session = await nextSessionNumber(db);
      await this.#settle(interrupted);
    };
    await within(
      this.#clock,
      DISK_MS,
      work().catch((thrown) => this.#tell(thrown)),
    );
  }

  checks(): readonly Check[] {
    if (this.#stored === undefined) return [];
    const { problem, unwritten } = this.#stored;
    const spoolProblem = this.spool?.problem;
    return [
      problem === undefined
        ? { id: 'journal', status: 'ok' }
        : warning('journal', `${problem.message}. Commands are known until a restart (${unwritten} so far)`),
      spoolProblem === undefined
        ? { id: 'spool', status: 'ok' }
        : warning('spool', `${spoolProblem.message}. Messages wait in memory`),
    ];
  }

  /** First the answers, then the journal: when the power is cut between, they are given again, and not lost. */
  async #settle(commands: readonly InterruptedCommand[]): Promise<void> {
    if (commands.length === 0) return;
    this.#logger.warn('commands_interrupted', { ids: commands.map(({ row }) => row.id) });
    const answers = commands.flatMap((command) => answerTo(command, this.#clock.wall()));
    await this.spool?.store(() => answers);
    await this.#stored?.settle(commands);
  }

  #tell(thrown: unknown): void {
    const { code, message } = asCamboxError(thrown, 'use', 'state.db');
    this.#logger.error('state_not_written', { code, problem: message });
  }
}

const warning = (id: string, hint: string): Check => ({ id, status: 'warn', code: `${id}_not_written`, hint });

function answerTo({ row: { replyTopic, correlation }, response }: InterruptedCommand, sinceMs: number): Waiting[] {
  if (replyTopic === undefined) return [];
  const correlationData = correlation && { correlationData: Buffer.from(correlation) };
  const payload = JSON.stringify(response);
  return [{ kind: 'response', message: { topic: replyTopic, payload, retain: false, ...correlationData }, sinceMs }];
}
