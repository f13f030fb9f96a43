import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** One line of the daemon's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string };

const MAX_LINES = 10_000;

/** `cambox run` as a child process, with its log read line by line. Dispose to end it. */
export class RunningDaemon implements AsyncDisposable {
  readonly log: LogLine[] = [];
  readonly #badLines: string[] = [];
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | NodeJS.Signals>;
  readonly #onLine = new Set<() => void>();
  #stderr = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn(process.execPath, ['src/main.ts', 'run', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exit = once(this.#child, 'close').then(([code, signal]) => code ?? signal);
    this.#child.stderr!.on('data', (bytes) => {
      this.#stderr = (this.#stderr + bytes).slice(-8192);
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#take(line));
    void this.#exit.then(() => this.#tell());
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Exit code, or the signal that ended it. */
  get exit(): Promise<number | NodeJS.Signals> {
    return this.#exit;
  }

  #take(line: string): void {
    const parsed = JSON.parse(line) as LogLine;
    if (this.log.length < MAX_LINES) this.log.push(parsed);
    if (!isAsAgreed(parsed, line)) this.#badLines.push(line);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#onLine) listener();
  }

  /** The first line, past or to come, with this event (and fields); throws after `timeoutMs` or when the daemon ended. */
  async line(event: string, fields: object = {}, timeoutMs = 15_000): Promise<LogLine> {
    const matches = (line: LogLine): boolean =>
      line.event === event && Object.entries(fields).every(([key, value]) => line[key] === value);
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const look = (): void => {
      const found = this.log.find(matches);
      if (found !== undefined) resolve(found);
      else if (this.#child.exitCode !== null) reject(new Error(`the daemon ended without ${event}: ${this.#tail()}`));
    };
    const timer = setTimeout(() => reject(new Error(`no ${event} within ${timeoutMs} ms: ${this.#tail()}`)), timeoutMs);
    this.#onLine.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#onLine.delete(look);
    }
  }

  #tail(): string {
    return `${this.log
      .slice(-8)
      .map((line) => JSON.stringify(line))
      .join('\n')}\n${this.#stderr}`;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** SIGTERM, and how long the daemon took to end. */
  async stop(): Promise<{ readonly exit: number | NodeJS.Signals; readonly tookMs: number }> {
    const start = performance.now();
    this.signal('SIGTERM');
    const exit = await this.#exit;
    return { exit, tookMs: Math.round(performance.now() - start) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.signal('SIGKILL');
    await this.#exit;
    if (this.#badLines.length > 0) throw new Error(`log lines with odd or doubled keys:\n${this.#badLines.join('\n')}`);
  }
}

/** Whoever reads the journal relies on it: keys in snake_case, each once. */
const isAsAgreed = (parsed: LogLine, line: string): boolean =>
  Object.keys(parsed).every((key) => /^[a-z][a-z0-9_]*$/.test(key)) && JSON.stringify(parsed).length === line.length;
