import type { CliCommand } from './cli-command.ts';
import { DEVICES } from './devices.ts';
import { RECEIVE } from './receive.ts';
import { RUN } from './run.ts';
import { SNAPSHOT } from './snapshot.ts';
import { STATUS } from './status.ts';
import { STREAM } from './stream.ts';

/** All subcommands, in the order of the help. */
export const COMMANDS: readonly CliCommand[] = [RUN, STATUS, STREAM, RECEIVE, SNAPSHOT, DEVICES];
