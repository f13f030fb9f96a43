import { runDaemon } from '../app/daemon.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { loadConfig } from '../config/load-config.ts';
import { type CliCommand, EXIT, UsageError } from './cli-command.ts';
import { none, readOptions } from './options.ts';

export const RUN: CliCommand = {
  name: 'run',
  summary: 'run the daemon in the foreground',
  usage: `cambox run --config FILE

Logs JSON lines to stdout. SIGTERM or SIGINT ends it cleanly within 3 s; SIGHUP reads the config again.

Exit codes: 0 ended by a signal, 64 wrong command line, 69 a library is missing, 75 another daemon uses the control
socket, 78 the config cannot be used.`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, { config: { type: 'string' } });
    none(positionals);
    const path = values.config;
    if (path === undefined) throw new UsageError('--config FILE is missing');
    const config = loadConfig(path, io.env);
    const logger = io.logger('stdout', config.log.level);
    await runDaemon(config, {
      env: io.env,
      self: io.self,
      clock: SYSTEM_CLOCK,
      logger,
      signal: io.signal,
      onReload: (listener) => io.onReload(listener),
      loadConfig: () => loadConfig(path, io.env),
    });
    return EXIT.ok;
  },
};
