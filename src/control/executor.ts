import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { asCamboxError, CamboxError } from '../base/errors.ts';
import type { LogFields, Logger } from '../base/logger.ts';
import { cannotRun, checkRequest, type Incoming, type Runnable } from './admission.ts';
import type { Box } from './box.ts';
import type { AnyCommand, CommandContext, CommandOutcome } from './command.ts';
import { CommandMemory } from './command-memory.ts';
import { RepeatGate } from './repeat-gate.ts';
import { type CommandResponse, type CommandStatus, errorBody } from './response.ts';

/** Where the answers to one request go: implemented by the doors. `respond` never throws. */
export interface Requester {
  respond(response: CommandResponse): void;
  /** See CommandContext.deliverJpeg. */
  deliverJpeg(camera: string, jpeg: Uint8Array): void;
}

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
  /** How many commands of all kinds may run at a time, those in the queue of jobs aside; each kind has its own bound besides. */
  readonly maxRunning?: number;
}

const MAX_RUNNING = 32;
/** How long shutdown waits for what is running: a recorder finalises its file in that time. */
const SHUTDOWN_MS = 10_000;
/** At most one log line about a refused request in that time. */
const REJECTION_LOG_MS = 1000;

interface Running {
  readonly command: AnyCommand;
  readonly id: string;
  readonly requester: Requester;
  readonly abort: AbortController;
  /** Settles when `run` has really returned; until then it counts as running. */
  settled: Promise<void>;
  /** The requester has the final response (at a timeout that comes before `settled`). */
  answered: boolean;
}

/**
 * Runs commands for every door: one life cycle, one memory of ids. Whatever a request holds, `submit` answers it and
 * never throws.
 */
export class CommandExecutor implements AsyncDisposable {
  readonly counts: ExecutorCounts = { received: 0, duplicates: 0, rejected: 0, succeeded: 0, failed: 0 };
  readonly #commands: ReadonlyMap<string, AnyCommand>;
  readonly #box: Box;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #maxRunning: number;
  readonly #memory = new CommandMemory();
  readonly #rejections: RepeatGate;
  readonly #running = new Set<Running>();
  #closed = false;

  constructor(commands: readonly AnyCommand[], box: Box, options: ExecutorOptions) {
    this.#commands = new Map(commands.map((command) => [command.name, command]));
    this.#box = box;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#maxRunning = options.maxRunning ?? MAX_RUNNING;
    this.#rejections = new RepeatGate(options.clock, REJECTION_LOG_MS);
  }

  get running(): number {
    return this.#running.size;
  }

  /** The request is known (and would be recognised again) when this returns; answers come through the requester. */
  submit(incoming: Incoming, requester: Requester): void {
    this.counts.received += 1;
    const bodyHash = createHash('sha256').update(incoming.name).update('\0').update(incoming.payload).digest('hex');
    const recall = this.#memory.recall(incoming.id, bodyHash);
    if (recall.known && recall.sameBody && !incoming.retained) {
      this.counts.duplicates += 1;
      requester.respond({ ...recall.response, duplicate: true });
      return;
    }
    const checked = this.#check(incoming, recall.known);
    if (checked instanceof CamboxError) this.#reject(incoming, checked, requester);
    else this.#start(checked, incoming, bodyHash, requester);
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
    const enough = new AbortController();
    const all = Promise.all([...this.#running].map((running) => running.settled)).then(() => enough.abort());
    await Promise.race([all, this.#clock.sleep(SHUTDOWN_MS, enough.signal)]);
    for (const running of this.#running) this.#fail(running, 'failed', reason, undefined);
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
    if (command.atOnce === 'queued') return this.#box.jobs.refusal(command.name, this.#count(isQueued));
    const same = this.#count((running) => running === command);
    if (same >= command.atOnce) {
      return cannotRun(incoming, 'busy', `${same} of its kind are running, as many as may at a time`);
    }
    const others = this.#count((running) => !isQueued(running));
    if (others >= this.#maxRunning) {
      return cannotRun(incoming, 'busy', `${others} commands are running, as many as may at a time`);
    }
    return undefined;
  }

  #count(matches: (command: AnyCommand) => boolean): number {
    let count = 0;
    for (const { command } of this.#running) if (matches(command)) count += 1;
    return count;
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

  #start({ command, args, by }: Runnable, incoming: Incoming, bodyHash: string, requester: Requester): void {
    const running: Running = {
      command,
      id: incoming.id,
      requester,
      abort: new AbortController(),
      settled: Promise.resolve(),
      answered: false,
    };
    const accepted: CommandResponse = {
      id: incoming.id,
      status: 'accepted',
      duplicate: false,
      ts: this.#timestamp(),
    };
    this.#memory.start(incoming.id, bodyHash, accepted);
    this.#running.add(running);
    this.#log(command, 'command_accepted', { command: command.name, id: incoming.id, by });
    requester.respond(accepted);
    running.settled = this.#run(running, args);
  }

  async #run(running: Running, args: unknown): Promise<void> {
    const { command, abort } = running;
    const cancelTimer =
      command.timeoutMs === undefined
        ? undefined
        : this.#clock.after(command.timeoutMs, () => this.#timeOut(running, command.timeoutMs!));
    const context: CommandContext = {
      box: this.#box,
      clock: this.#clock,
      signal: abort.signal,
      inProgress: (update) => this.#progress(running, update),
      deliverJpeg: (camera, jpeg) => running.requester.deliverJpeg(camera, jpeg),
    };
    let outcome: CommandOutcome<unknown>;
    try {
      outcome = await command.run(args, context);
    } catch (thrown) {
      outcome = { ok: false, error: asCamboxError(thrown, 'run', command.name) };
    }
    cancelTimer?.();
    this.#running.delete(running);
    if (outcome.ok) this.#finish(running, { status: 'succeeded', result: outcome.result });
    else this.#fail(running, outcome.error.code === 'canceled' ? 'canceled' : 'failed', outcome.error, outcome.result);
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
    this.#memory.update(running.id, response);
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
    this.#memory.finish(running.id, response);
    running.requester.respond(response);
  }

  #response(
    running: Running,
    parts: { readonly status: CommandStatus } & Partial<Pick<CommandResponse, 'progress' | 'result' | 'error'>>,
  ): CommandResponse {
    return { id: running.id, duplicate: false, ts: this.#timestamp(), ...parts };
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

const isQueued = ({ atOnce }: AnyCommand): boolean => atOnce === 'queued';
