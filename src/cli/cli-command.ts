import type { Logger } from '../base/logger.ts';

/** Exit codes of every command; `run` adds those of daemon-exit.ts. */
export const EXIT = {
  ok: 0,
  /** Done, with something to look at: frames refused, packets not sent. */
  warning: 1,
  failure: 2,
  /** EX_USAGE of sysexits.h: the command line is wrong. */
  usage: 64,
  /** EX_UNAVAILABLE: a library that cambox needs is missing. */
  missing_library: 69,
  /** EX_TEMPFAIL: another daemon runs already on the same control socket. */
  in_use: 75,
  /** EX_CONFIG: the config cannot be used. */
  config: 78,
  /** Ended by SIGINT or SIGTERM, as shells tell it (128 and the signal's number), by commands that say nothing else of that. */
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a command may touch of the process: given by main.ts, the only owner of argv, env, signals and exit code. */
export interface CliIo {
  readonly env: NodeJS.ProcessEnv;
  /** How this program is started, without a command. */
  readonly self: { readonly program: string; readonly args: readonly string[] };
  /** Aborted at SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Calls back at each SIGHUP, until disposed. */
  onReload(listener: () => void): Disposable;
  /** One line of result. */
  print(line: string): void;
  /** Raw bytes of result (a picture). */
  write(bytes: Uint8Array): Promise<void>;
  /** One line for the user beside the result. */
  note(line: string): void;
  /** How far something is: a line on the terminal in place of the one before, '' to take it away; without a terminal nothing. */
  status(line: string): void;
  /** Logs as JSON lines, for the daemon to stdout, for the rest to stderr. */
  logger(to: 'stdout' | 'stderr', level: string): Logger;
}

/** One subcommand; its file is named after it. */
export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  /** The help text below the summary: arguments and options. */
  readonly usage: string;
  /** A group's own subcommands, by their last word; `run` is called when none of them is named. */
  readonly commands?: Readonly<Record<string, () => Promise<CliCommand>>>;
  /** Throws CamboxError; a wrong command line throws UsageError. */
  run(args: readonly string[], io: CliIo): Promise<ExitCode>;
}

/** The command line is wrong; `message` says what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
