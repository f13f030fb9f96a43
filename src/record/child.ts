import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import { within } from '../base/within.ts';
import { childEnvironment } from './child-environment.ts';
import { missingProgram } from './program-errors.ts';
import { TextTail } from './text-tail.ts';

/** The last rung that was needed: none at all, the end of its input, a signal; `lost` = not even SIGKILL ended it. */
export type ChildRung = 'none' | 'end_of_input' | 'sigterm' | 'sigkill' | 'lost';

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly rung: ChildRung;
  /** The end of what it wrote to stderr, 4 KB at most. */
  readonly stderr: string;
}

const STDERR_TAIL_BYTES = 4096;
const LADDER_MS = { endOfInput: 5000, sigterm: 1000, sigkill: 5000 };

/**
 * A child process that eats from stdin. It leads a process group of its own, so that signals reach whatever it starts
 * and a Ctrl-C on our terminal does not reach it: we end it, in order. Open with `Child.spawn`.
 */
export class Child implements AsyncDisposable {
  readonly pid: number;
  readonly stdin: Writable;
  /** Settles when it is really gone (reaped, its pipes closed) or given up as `lost`; never rejects. */
  readonly exited: Promise<ChildExit>;
  readonly #process: ChildProcessByStdio<Writable, null, Readable>;
  readonly #clock: Clock;
  readonly #stderr = new TextTail(STDERR_TAIL_BYTES);
  /** Aborted once, by the first who wants the child to end. */
  readonly #ending = new AbortController();
  readonly #resolveExit: (exit: ChildExit) => void;
  #rung: ChildRung = 'none';
  #gone = false;

  /** Throws `missing_program` or, when the system has no room for it, `child_failed`. */
  static async spawn(program: string, args: readonly string[], clock: Clock): Promise<Child> {
    const process = spawn(program, args, {
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
      env: childEnvironment(globalThis.process.env),
    });
    await new Promise<void>((resolve, reject) => {
      process.once('spawn', resolve);
      process.once('error', (cause) => reject(spawnFailure(program, cause)));
    });
    return new Child(process, clock);
  }

  private constructor(process: ChildProcessByStdio<Writable, null, Readable>, clock: Clock) {
    if (process.pid === undefined) throw new Error('A spawned child has a pid');
    this.pid = process.pid;
    this.stdin = process.stdin;
    this.#process = process;
    this.#clock = clock;
    const { promise, resolve } = Promise.withResolvers<ChildExit>();
    this.exited = promise;
    this.#resolveExit = resolve;
    // A broken pipe is no news: the exit says why. Unheard, the event would end the daemon.
    process.stdin.on('error', () => undefined);
    process.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    process.on('error', () => undefined); // a signal that could not be sent: the ladder goes on
    process.once('close', (code, signal) => this.#leave(code, signal));
  }

  /** Who asked it to end first; undefined when nobody did. */
  get endReason(): string | undefined {
    return this.#ending.signal.aborted ? String(this.#ending.signal.reason) : undefined;
  }

  /**
   * End it: close its stdin and give it 5 s, then SIGTERM and 1 s, then SIGKILL. The first reason stays; calling again
   * only waits.
   */
  stop(reason: string): Promise<ChildExit> {
    if (!this.#ending.signal.aborted) {
      this.#ending.abort(reason);
      void this.#descend();
    }
    return this.exited;
  }

  /** SIGKILL at once, also half-way down the ladder. */
  kill(reason: string): Promise<ChildExit> {
    const ended = this.stop(reason);
    this.#signal('SIGKILL', 'sigkill');
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('disposed');
  }

  async #descend(): Promise<void> {
    if (this.#gone) return;
    this.#rung = 'end_of_input';
    this.stdin.end();
    if (await this.#goneWithin(LADDER_MS.endOfInput)) return;
    this.#signal('SIGTERM', 'sigterm');
    if (await this.#goneWithin(LADDER_MS.sigterm)) return;
    this.#signal('SIGKILL', 'sigkill');
    if (await this.#goneWithin(LADDER_MS.sigkill)) return;
    // Stuck in the kernel, mostly on a dying disk. It is no longer waited for; Node reaps it if it ever goes.
    this.stdin.destroy();
    this.#process.stderr.destroy();
    this.#process.unref();
    this.#rung = 'lost';
    this.#leave(null, null);
  }

  async #goneWithin(ms: number): Promise<boolean> {
    await within(this.#clock, ms, this.exited);
    return this.#gone;
  }

  #signal(signal: NodeJS.Signals, rung: ChildRung): void {
    if (this.#gone || this.#rung === 'sigkill') return;
    this.#rung = rung;
    try {
      process.kill(-this.pid, signal);
    } catch (cause) {
      // ESRCH: the group has just emptied, 'close' follows. Anything else is a mistake of ours.
      if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
    }
  }

  #leave(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#resolveExit({ code, signal, rung: this.#rung, stderr: this.#stderr.toString() });
  }
}

function spawnFailure(program: string, cause: NodeJS.ErrnoException): CamboxError {
  if (cause.code === 'ENOENT' || cause.code === 'EACCES') return missingProgram(program, cause);
  return new CamboxError('child_failed', { verb: 'start', thing: program, reason: cause.message, cause });
}
