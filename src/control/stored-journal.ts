import type { Clock } from '../base/clock.ts';
import { asCamboxError, CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { within } from '../base/within.ts';
import type { StateDatabase } from '../catalog/memory-database.ts';
import { type CommandRow, CommandTable } from '../catalog/state/command-table.ts';
import type { AcceptedCommand, CommandJournal, JournalEntry } from './command-journal.ts';
import { CommandMemory } from './command-memory.ts';
import { type CommandResponse, errorBody } from './response.ts';

/** A disk that takes longer is not waited for: the broker, the requester and the connection's pings are. */
const DISK_MS = 3000;
/** What only looks, and what the disk did not take, is kept in memory within this. */
const MEMORY_ENTRIES = 1000;
const MEMORY_BYTES = 1024 * 1024;

export interface StoredJournalDeps {
  readonly db: StateDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The final response to a command that was cut off by the end of the service before. */
export interface InterruptedCommand {
  readonly row: CommandRow;
  readonly response: CommandResponse;
}

/**
 * The journal in `state.db`: what acts is on the disk before it runs and before its answer is given, and so is known after a
 * restart or a power cut. What only looks may run twice, and is kept in memory. So is what the disk does not take: the box goes
 * on, and counts it.
 */
export class StoredJournal implements CommandJournal {
  readonly #db: StateDatabase;
  readonly #table: CommandTable;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #memory = new CommandMemory(MEMORY_ENTRIES, MEMORY_BYTES);
  /** Commands that act and are not over. */
  readonly #acting = new Map<string, AcceptedCommand>();
  /** What of their results is on the disk. */
  readonly #shown = new Map<string, string>();
  /** Writes that take too long: nobody waits for those behind them. */
  #late = 0;
  #unwritten = 0;
  #problem: CamboxError | undefined;

  constructor({ db, clock, logger }: StoredJournalDeps) {
    this.#db = db;
    this.#table = new CommandTable(db);
    this.#clock = clock;
    this.#logger = logger;
  }

  /** How often a command went on although the disk had not taken it. */
  get unwritten(): number {
    return this.#unwritten;
  }

  /** Why the disk does not take commands now. */
  get problem(): CamboxError | undefined {
    return this.#problem;
  }

  recall(id: string): JournalEntry | undefined {
    return this.#memory.recall(id) ?? this.#read(id);
  }

  accept(command: AcceptedCommand, response: CommandResponse): Promise<void> | undefined {
    this.#memory.accept(command, response);
    if (!command.acts) return undefined;
    this.#acting.set(command.id, command);
    return this.#known(this.#write('journal a command in', () => this.#table.put(rowOf(command, response, false))));
  }

  /** On the disk is what the result shows (which clip, which job), for the one who asks after a power cut. Nobody waits. */
  progress(id: string, response: CommandResponse): void {
    this.#memory.progress(id, response);
    if (!this.#acting.has(id) || response.result === undefined) return;
    const result = JSON.stringify(response.result);
    if (this.#shown.get(id) === result) return;
    this.#shown.set(id, result);
    void this.#write('journal a result in', () => this.#table.answer(id, JSON.stringify(response)));
  }

  finish(id: string, response: CommandResponse): Promise<void> | undefined {
    this.#memory.finish(id, response);
    const command = this.#acting.get(id);
    if (command === undefined) return undefined;
    this.#acting.delete(id);
    this.#shown.delete(id);
    const store = (): void => this.#table.put(rowOf(command, response, true));
    return this.#known(this.#write('journal a response in', store, () => this.#memory.forget(id)));
  }

  /** What the service before had begun. Nobody runs it any more; `settle` says so in the journal. */
  interrupted(): InterruptedCommand[] {
    const ts = new Date(this.#clock.wall()).toISOString();
    return this.#table.unfinished().map((row) => ({ row, response: interruption(row, ts) }));
  }

  /** Rejects when the disk does not take it: it is interrupted at the next start, too. */
  async settle(commands: readonly InterruptedCommand[]): Promise<void> {
    if (commands.length === 0) return;
    await this.#db.write('settle commands in', () => {
      for (const { row, response } of commands) {
        this.#table.put({ ...row, finished: true, response: JSON.stringify(response) });
      }
    });
  }

  #read(id: string): JournalEntry | undefined {
    try {
      const row = this.#db.read('look for a command in', () => this.#table.get(id));
      return row && { name: row.name, bodyHash: row.bodyHash, response: JSON.parse(row.response) };
    } catch (thrown) {
      this.#failed(asCamboxError(thrown, 'look for', `command ${id}`));
      return undefined; // it may run twice: better than a box that takes no commands
    }
  }

  /** Resolves to whether it is on the disk. Never rejects. */
  async #write(what: string, work: () => void, onStored: () => void = () => undefined): Promise<boolean> {
    try {
      await this.#db.write(what, work);
    } catch (thrown) {
      this.#failed(asCamboxError(thrown, what, this.#db.path));
      return false;
    }
    if (this.#problem !== undefined) this.#logger.info('journal_written_again', { unwritten: this.#unwritten });
    this.#problem = undefined;
    onStored();
    return true;
  }

  /** Resolves when the disk has it, or when there is no use in waiting for it. */
  async #known(writing: Promise<boolean>): Promise<void> {
    const stored = this.#late > 0 ? undefined : await within(this.#clock, DISK_MS, writing);
    if (stored === true) return;
    this.#unwritten += 1;
    if (stored === false) return;
    if (this.#late === 0) this.#failed(slowDisk('journal a command in', this.#db.path));
    this.#late += 1;
    void writing.then(() => {
      this.#late -= 1;
    });
  }

  #failed(problem: CamboxError): void {
    const isNews = problem.code !== this.#problem?.code;
    this.#problem = problem;
    if (!isNews) return;
    const { code, message } = problem;
    this.#logger.error('journal_not_written', {
      code,
      problem: message,
      instead: 'commands are known until a restart',
    });
  }
}

const rowOf = (command: AcceptedCommand, response: CommandResponse, finished: boolean): CommandRow => ({
  id: command.id,
  name: command.name,
  bodyHash: command.bodyHash,
  replyTopic: command.replyTo?.topic,
  correlation: command.replyTo?.correlationData,
  finished,
  response: JSON.stringify(response),
});

function interruption({ id, name, response }: CommandRow, ts: string): CommandResponse {
  const { result } = JSON.parse(response) as CommandResponse;
  const { job } = Object(result) as { readonly job?: unknown };
  const error = new CamboxError('interrupted', {
    verb: 'finish',
    thing: name,
    reason: 'the service ended while it ran',
    remedy:
      typeof job === 'string'
        ? `Do not send it again: ${job} goes on, see job.get and the event job.finished`
        : 'See what came of it (its result tells of what, as far as it was known), and send it again with a new id',
  });
  const shown = result === undefined ? {} : { result };
  return { id, status: 'failed', duplicate: false, ts, ...shown, error: errorBody(error) };
}

const slowDisk = (verb: string, path: string): CamboxError =>
  new CamboxError('device_failed', {
    verb,
    thing: `the database ${path}`,
    reason: `the disk takes longer than ${DISK_MS / 1000} s`,
    remedy: 'Check the disk: journalctl -k',
  });
