import { openLogger } from './app/pino-logger.ts';
import { CamboxError, isAbort } from './base/errors.ts';
import { type CliCommand, type CliIo, EXIT, type ExitCode, UsageError } from './cli/cli-command.ts';
import { COMMANDS } from './cli/commands.ts';

/** The only owner of argv, env, signals and the exit code. */

/** Why everything is to end. */
class Signalled extends Error {
  override readonly name = 'Signalled';
  readonly exitCode: ExitCode;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(signal);
    this.exitCode = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  }
}

function processIo(): CliIo {
  const stopping = new AbortController();
  const reloads = new Set<() => void>();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort(new Signalled(name)));
  process.on('SIGHUP', () => {
    for (const listener of reloads) listener();
  });
  // whoever reads our output has seen enough: cambox devices | head
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
  return {
    env: process.env,
    self: { program: process.execPath, args: [...process.execArgv, process.argv[1]!] },
    signal: stopping.signal,
    onReload(listener) {
      reloads.add(listener);
      return { [Symbol.dispose]: () => reloads.delete(listener) };
    },
    print: (line) => process.stdout.write(`${line}\n`),
    write: (bytes) => new Promise((resolve, reject) => process.stdout.write(bytes, (e) => (e ? reject(e) : resolve()))),
    note: (line) => process.stderr.write(`${line}\n`),
    status: (line) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
    },
    logger: openLogger,
  };
}

async function help(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`);
  return `cambox COMMAND [options]\n\n${rows.join('\n')}\n\ncambox COMMAND --help tells more. --json gives every result as JSON.`;
}

async function runCommand(command: CliCommand, args: readonly string[], io: CliIo): Promise<ExitCode> {
  const [name = '', ...rest] = args;
  const load =
    command.commands !== undefined && Object.hasOwn(command.commands, name) ? command.commands[name] : undefined;
  if (load !== undefined) return await runCommand(await load(), rest, io);
  if (args.includes('--help')) {
    io.print(`${command.summary}\n\n${command.usage}`);
    return EXIT.ok;
  }
  try {
    return await command.run(args, io);
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      io.note(`cambox ${command.name}: ${thrown.message}\n\n${command.usage}`);
      return EXIT.usage;
    }
    const { reason } = io.signal;
    if (reason instanceof Signalled && isAbort(thrown, io.signal)) {
      io.note(`cambox ${command.name}: ended by ${reason.message}`);
      return reason.exitCode;
    }
    if (!(thrown instanceof CamboxError)) throw thrown; // a programming error: the stack trace is wanted
    io.note(`cambox ${command.name}: ${thrown.message}`);
    return exitCodeOf(thrown);
  }
}

function exitCodeOf(error: CamboxError): ExitCode {
  switch (error.code) {
    case 'bad_argument':
      return EXIT.usage;
    case 'bad_config':
      return EXIT.config;
    case 'in_use':
      return EXIT.in_use;
    case 'missing_library':
      return EXIT.missing_library;
    default:
      return EXIT.failure;
  }
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const [name = '', ...args] = argv;
  const io = processIo();
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load !== undefined) return runCommand(await load(), args, io);
  if (name === '--help' || name === 'help') {
    io.print(await help());
    return EXIT.ok;
  }
  io.note(name === '' ? await help() : `cambox: no command ${name}\n\n${await help()}`);
  return EXIT.usage;
}

process.exitCode = await main(process.argv.slice(2));
