import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { asCamboxError, CamboxError } from '../base/errors.ts';
import type { LogFields, Logger } from '../base/logger.ts';
import { cannotRun, checkRequest, type Incoming, type Runnable } from './admission.ts';
import type { Box } from './box.ts';
import type { AnyCommand, CommandContext, CommandOutcome } from './command.ts';
import type { CommandJournal } from './command-journal.ts';
import { CommandMemory } from './command-memory.ts';
import { RepeatGate } from './repeat-gate.ts';
import type { Requester } from './requester.ts';
import { type CommandResponse, type CommandStatus, errorBody } from './response.ts';
import { type Running, RunningCommands } from './running-commands.ts';

export interface ExecutorCounts {
  received: number;
  duplicates: number;
  rejected: number;
  succeeded: number;
  failed: number;
}

export interface ExecutorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Memory of ids; one that lasts until the end of the process when left out. */
  readonly journal?: CommandJournal;
  /** How many commands of all kinds may run at a time, those in the queue of jobs aside; each kind has its own bound besides. */
  readonly maxRunning?: number;
}

const MAX_RUNNING = 32;
/** How long shutdown waits for what is running: a recorder finalises its file in that time. */
const SHUTDOWN_MS = 10_000;
/** At most one log line about a refused request in that time. */
const REJECTION_LOG_MS = 1000;

/**
 * Runs commands for every door: one life cycle, one journal of ids. Whatever a request holds, `submit` answers it and
 * never rejects.
 */
export class CommandExecutor implements AsyncDisposable {
  readonly counts: ExecutorCounts = { received: 0, duplicates: 0, rejected: 0, succeeded: 0, failed: 0 };
  readonly #commands: ReadonlyMap<string, AnyCommand>;
  readonly #box: Box;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #journal: CommandJournal;
  readonly #rejections: RepeatGate;
  readonly #running: RunningCommands;
  /** Final responses that wait for the journal. */
  readonly #answering = new Set<Promise<void>>();
  #closed = false;

  constructor(commands: readonly AnyCommand[], box: Box, options: ExecutorOptions) {
    this.#commands = new Map(commands.map((command) => [command.name, command]));
    this.#box = box;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#journal = options.journal ?? new CommandMemory();
    this.#running = new RunningCommands(options.maxRunning ?? MAX_RUNNING);
    this.#rejections = new RepeatGate(options.clock, REJECTION_LOG_MS);
  }

  get running(): number {
    return this.#running.count;
  }

  /**
   * Answers come through the requester. Resolves when the request is done with: refused, or known for good (and would be recognised
   * again, what acts also after a power cut), so that whoever delivers it may forget it.
   */
  async submit(incoming: Incoming, requester: Requester): Promise<void> {
    this.counts.received += 1;
    const bodyHash = createHash('sha256').update(incoming.name).update('\0').update(incoming.payload).digest('hex');
    const earlier = this.#journal.recall(incoming.id);
    if (earlier?.bodyHash === bodyHash && !incoming.retained) {
      this.counts.duplicates += 1;
      requester.respond({ ...earlier.response, duplicate: true });
      await this.#running.find(incoming.id)?.known;
      return;
    }
    const checked = this.#check(incoming, earlier !== undefined);
    if (checked instanceof CamboxError) this.#reject(incoming, checked, requester);
    else await this.#start(checked, incoming, bodyHash, requester);
  }

  /** Refuses new commands, tells the running ones to finish, and waits for them (10 s at most). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const reason = new CamboxError('interrupted', {
      verb: 'finish',
      thing: 'the command',
      reason: 'the daemon is shutting down',
      remedy: 'Send it again when the box is back online',
    });
    for (const running of this.#running) running.abort.abort(reason);
    await Promise.all([...this.#running].map((running) => running.known)); // the journal has a time limit of its own
    const enough = new AbortController();
    const all = Promise.all([...this.#running].map((running) => running.settled)).then(() => enough.abort());
    await Promise.race([all, this.#clock.sleep(SHUTDOWN_MS, enough.signal)]);
    for (const running of this.#running) this.#fail(running, 'failed', reason, undefined);
    await Promise.all(this.#answering);
  }

  #check(incoming: Incoming, idTaken: boolean): Runnable | CamboxError {
    if (idTaken && !incoming.retained) {
      return cannotRun(incoming, 'id_conflict', 'another request has had this id', {
        received: incoming.id,
        remedy: 'Give every request an id of its own',
      });
    }
    const checked = checkRequest(incoming, this.#commands, this.#clock.wall());
    if (checked instanceof CamboxError) return checked;
    return this.#overload(checked.command, incoming) ?? checked;
  }

  #overload(command: AnyCommand, incoming: Incoming): CamboxError | undefined {
    if (this.#closed) return cannotRun(incoming, 'busy', 'the daemon is shutting down');
    if (command.atOnce === 'queued') return this.#box.jobs.refusal(command.name, this.#running.queued);
    return this.#running.refusal(command, incoming);
  }

  /** A refusal is not remembered: the same id may be used for the mended request. */
  #reject(incoming: Incoming, error: CamboxError, requester: Requester): void {
    this.counts.rejected += 1;
    const repeats = this.#rejections.pass();
    if (repeats !== undefined) {
      const { name, id } = incoming;
      this.#logger.info('command_rejected', { command: name, id, code: error.code, error: error.message, repeats });
    }
    requester.respond({
      id: incoming.id,
      status: 'rejected',
      duplicate: false,
      ts: this.#timestamp(),
      error: errorBody(error),
    });
  }

  /** What acts runs when the journal has it, and not before: it could run again after a power cut. */
  async #start(
    { command, args, by }: Runnable,
    incoming: Incoming,
    bodyHash: string,
    requester: Requester,
  ): Promise<void> {
    const { id, name } = incoming;
    const { promise: known, resolve: becomesKnown } = Promise.withResolvers<void>();
    const running: Running = {
      ...{ command, id, by, requester, known },
      abort: new AbortController(),
      settled: Promise.resolve(),
      answered: false,
    };
    const accepted = this.#response(running, { status: 'accepted' });
    this.#running.add(running);
    this.#log(command, 'command_accepted', { command: name, id, by });
    const entry = { id, name, bodyHash, acts: command.acts, replyTo: requester.replyTo };
    const journalled = this.#journal.accept(entry, accepted);
    if (journalled !== undefined) await journalled;
    becomesKnown();
    requester.respond(accepted);
    running.settled = this.#run(running, args);
  }

  async #run(running: Running, args: unknown): Promise<void> {
    const { command } = running;
    const cancelTimer =
      command.timeoutMs === undefined
        ? undefined
        : this.#clock.after(command.timeoutMs, () => this.#timeOut(running, command.timeoutMs!));
    const outcome = await this.#outcome(running, args);
    cancelTimer?.();
    this.#running.delete(running);
    if (outcome.ok) this.#finish(running, { status: 'succeeded', result: outcome.result });
    else this.#fail(running, outcome.error.code === 'canceled' ? 'canceled' : 'failed', outcome.error, outcome.result);
  }

  async #outcome(running: Running, args: unknown): Promise<CommandOutcome<unknown>> {
    const { command, abort } = running;
    const context: CommandContext = {
      ...{ id: running.id, by: running.by, door: running.requester.door },
      box: this.#box,
      clock: this.#clock,
      signal: abort.signal,
      inProgress: (update) => this.#progress(running, update),
      deliverJpeg: (camera, jpeg) => running.requester.deliverJpeg(camera, jpeg),
      earlier: (id) => this.#journal.recall(id),
    };
    try {
      abort.signal.throwIfAborted(); // the service was told to stop while the journal wrote
      return await command.run(args, context);
    } catch (thrown) {
      return { ok: false, error: asCamboxError(thrown, 'run', command.name) };
    }
  }

  #timeOut(running: Running, timeoutMs: number): void {
    const error = new CamboxError('timed_out', {
      verb: 'finish',
      thing: running.command.name,
      reason: `it took longer than ${timeoutMs} ms`,
    });
    this.#fail(running, 'timed_out', error, undefined);
    running.abort.abort(error);
  }

  #fail(running: Running, status: 'failed' | 'timed_out' | 'canceled', error: CamboxError, result: unknown): void {
    if (error.code === 'internal') {
      this.#logger.error('command_internal_error', { command: running.command.name, id: running.id, err: error });
    }
    this.#finish(running, { status, error: errorBody(error), ...(result === undefined ? {} : { result }) });
  }

  #progress(running: Running, update: { readonly progress?: number; readonly result?: unknown }): void {
    if (running.answered) return;
    const response = this.#response(running, { status: 'in_progress', ...update });
    this.#journal.progress(running.id, response);
    running.requester.respond(response);
  }

  #finish(
    running: Running,
    parts: { readonly status: CommandStatus } & Partial<Pick<CommandResponse, 'result' | 'error'>>,
  ): void {
    if (running.answered) return;
    running.answered = true;
    if (parts.status === 'succeeded') this.counts.succeeded += 1;
    else this.counts.failed += 1;
    this.#log(running.command, 'command_finished', {
      command: running.command.name,
      id: running.id,
      status: parts.status,
      ...(parts.error === undefined ? {} : { code: parts.error.code, error: parts.error.message }),
    });
    const response = this.#response(running, parts);
    const stored = this.#journal.finish(running.id, response);
    if (stored === undefined) running.requester.respond(response);
    else this.#answerAfter(stored, running.requester, response);
  }

  /** An answer that a power cut would take back is none. */
  #answerAfter(stored: Promise<void>, requester: Requester, response: CommandResponse): void {
    const answering = stored.then(() => {
      requester.respond(response);
      this.#answering.delete(answering);
    });
    this.#answering.add(answering);
  }

  #response(
    running: Running,
    { status, ...parts }: Pick<CommandResponse, 'status'> & Partial<CommandResponse>,
  ): CommandResponse {
    return { id: running.id, status, duplicate: false, ts: this.#timestamp(), ...parts };
  }

  /** What only looks may be asked every second: it is logged at debug level. */
  #log(command: AnyCommand, event: string, fields: LogFields): void {
    if (command.acts) this.#logger.info(event, fields);
    else this.#logger.debug(event, fields);
  }

  #timestamp(): string {
    return new Date(this.#clock.wall()).toISOString();
  }
}
