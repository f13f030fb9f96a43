import type { CliCommand } from './cli-command.ts';
import { STREAM } from './stream.ts';

/** All subcommands, in the order of the help. */
export const COMMANDS: readonly CliCommand[] = [STREAM];
