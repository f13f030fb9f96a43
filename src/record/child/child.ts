import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { CamboxError } from '../../base/errors.ts';
import { within } from '../../base/within.ts';
import type { ChildPlace, MemorySoFar, MemoryUse } from '../memory/memory-caps.ts';
import { childEnvironment } from './child-environment.ts';
import { cpuTicks } from './cpu-ticks.ts';
import { findProgram } from './find-program.ts';
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
  /** What it needed; undefined when it ran without a cap. */
  readonly memory: MemoryUse | undefined;
}

export interface ChildOptions {
  /** Where it runs under its cap. The child closes the place when it is gone, also when it never ran. */
  readonly place?: ChildPlace | undefined;
  /** It reads nothing from stdin: the ladder begins with SIGTERM. */
  readonly withoutInput?: boolean;
  /** Called with what it writes to stdout; left out, that goes nowhere. */
  readonly onOutput?: (chunk: Buffer) => void;
}

const STDERR_TAIL_BYTES = 4096;
const LADDER_MS = { idle: 5000, working: 30_000, sigterm: 1000, sigkill: 5000 };
/** What it has started may still hold its pipes when it is gone; then that is ended, too. */
const ORPHANS_MS = 1000;
/**
 * proc_pid_oom_score_adj(5), in thousandths of all memory: where none is left, a child is killed before the daemon, which
 * has -100 and is larger; but a program that has taken a third of the machine before either.
 */
const CHILD_OOM_SCORE = 200;

/**
 * A child process that eats from stdin, or from files. It leads a process group of its own, so that signals reach whatever
 * it starts and a Ctrl-C on our terminal does not reach it: we end it, in order. Open with `Child.spawn`.
 */
export class Child implements AsyncDisposable {
  readonly pid: number;
  /** With `withoutInput`: takes what is written to it nowhere. */
  readonly stdin: Writable;
  /** Settles when it is really gone (reaped, its pipes and its place closed) or given up as `lost`; never rejects. */
  readonly exited: Promise<ChildExit>;
  readonly #process: ChildProcess;
  readonly #clock: Clock;
  readonly #options: ChildOptions;
  readonly #stderr = new TextTail(STDERR_TAIL_BYTES);
  /** Aborted once, by the first who wants the child to end. */
  readonly #ending = new AbortController();
  readonly #resolveExit: (exit: ChildExit) => void;
  #rung: ChildRung = 'none';
  #gone = false;
  #cancelOrphanKill: () => void = () => undefined;

  /** Throws `missing_program` or, when the system has no room for it, `child_failed`. */
  static async spawn(
    program: string,
    args: readonly string[],
    clock: Clock,
    options: ChildOptions = {},
  ): Promise<Child> {
    try {
      const path = await findProgram(program);
      const command = options.place?.command(path, args) ?? { program: path, args };
      return new Child(await spawnGroupLeader(command.program, command.args, options), clock, options);
    } catch (failure) {
      await options.place?.close();
      throw failure;
    }
  }

  private constructor(process: ChildProcess, clock: Clock, options: ChildOptions) {
    if (process.pid === undefined) throw new Error('A spawned child has a pid');
    this.pid = process.pid;
    this.stdin = process.stdin ?? new Writable({ write: (_chunk, _encoding, done) => done() });
    this.#process = process;
    this.#clock = clock;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<ChildExit>();
    this.exited = promise;
    this.#resolveExit = resolve;
    // A broken pipe is no news: the exit says why. Unheard, the event would end the daemon.
    this.stdin.on('error', () => undefined);
    process.stderr?.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    if (options.onOutput !== undefined) process.stdout?.on('data', options.onOutput);
    process.on('error', () => undefined); // a signal that could not be sent: the ladder goes on
    process.once('exit', () => this.#expectClose());
    process.once('close', (code, signal) => void this.#leave(code, signal));
    preferForOomKill(this.pid);
    options.place?.watch(this.pid, () => void this.kill('over its memory cap'));
  }

  /** What it has needed up to now; undefined without a place. */
  get memory(): MemorySoFar | undefined {
    return this.#options.place?.soFar;
  }

  /** Who asked it to end first; undefined when nobody did. */
  get endReason(): string | undefined {
    return this.#ending.signal.aborted ? String(this.#ending.signal.reason) : undefined;
  }

  /**
   * End it: close its stdin and give it as long as it works on what it has (5 s without, 30 s in all), then SIGTERM and
   * 1 s, then SIGKILL. The first reason stays; calling again only waits.
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
    if (!this.#options.withoutInput) {
      this.#rung = 'end_of_input';
      this.stdin.end();
      if (await this.#goneAtEndOfInput()) return;
    }
    this.#signal('SIGTERM', 'sigterm');
    if (await this.#goneWithin(LADDER_MS.sigterm)) return;
    this.#signal('SIGKILL', 'sigkill');
    if (await this.#goneWithin(LADDER_MS.sigkill)) return;
    // Stuck in the kernel, mostly on a dying disk. It is no longer waited for; Node reaps it if it ever goes.
    this.stdin.destroy();
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
    this.#process.unref();
    this.#rung = 'lost';
    await this.#leave(null, null);
  }

  /** On a busy machine an encoder needs a while for its last frames: as long as it uses the processor, it does not hang. */
  async #goneAtEndOfInput(): Promise<boolean> {
    for (let waitedMs = 0; waitedMs < LADDER_MS.working; waitedMs += LADDER_MS.idle) {
      const before = cpuTicks(this.pid);
      if (await this.#goneWithin(LADDER_MS.idle)) return true;
      if (cpuTicks(this.pid) === before) return false;
    }
    return false;
  }

  async #goneWithin(ms: number): Promise<boolean> {
    await within(this.#clock, ms, this.exited);
    return this.#gone;
  }

  /** The program has ended, and 'close' follows as soon as nothing has its pipes open any more. */
  #expectClose(): void {
    this.#cancelOrphanKill = this.#clock.after(ORPHANS_MS, () => this.#signalGroup('SIGKILL'));
  }

  #signal(signal: NodeJS.Signals, rung: ChildRung): void {
    if (this.#gone || this.#rung === 'sigkill') return;
    this.#rung = rung;
    this.#signalGroup(signal);
  }

  #signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch (cause) {
      // ESRCH: the group has just emptied, 'close' follows. Anything else is a mistake of ours.
      if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
    }
  }

  async #leave(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    if (this.#gone) return;
    this.#gone = true;
    this.#cancelOrphanKill();
    const rung = this.#rung;
    const memory = await this.#options.place?.close();
    this.#resolveExit({ code, signal, rung, stderr: this.#stderr.toString(), memory });
  }
}

async function spawnGroupLeader(
  program: string,
  args: readonly string[],
  { withoutInput, onOutput }: ChildOptions,
): Promise<ChildProcess> {
  const child = spawn(program, args, {
    detached: true,
    stdio: [withoutInput ? 'ignore' : 'pipe', onOutput === undefined ? 'ignore' : 'pipe', 'pipe'],
    env: childEnvironment(process.env),
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(spawnFailure(program, cause)));
  });
  return child;
}

function preferForOomKill(pid: number): void {
  const nobodyMinds = (): undefined => undefined; // it has ended already, or the kernel is older than the file
  writeFile(`/proc/${pid}/oom_score_adj`, String(CHILD_OOM_SCORE)).catch(nobodyMinds);
}

function spawnFailure(program: string, cause: NodeJS.ErrnoException): CamboxError {
  if (cause.code === 'ENOENT' || cause.code === 'EACCES') return missingProgram(program, cause);
  return new CamboxError('child_failed', { verb: 'start', thing: program, reason: cause.message, cause });
}
