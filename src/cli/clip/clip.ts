import { type CliCommand, UsageError } from '../cli-command.ts';

export const CLIP: CliCommand = {
  name: 'clip',
  summary: 'record a clip with the running daemon: start, stop',
  usage: `cambox clip start CAMERA   record one, beginning in the past
cambox clip stop CAMERA    end one, or all of a camera

cambox clip COMMAND --help tells more; cambox clips is about those that are stored.`,
  commands: {
    start: async () => (await import('./start.ts')).START,
    stop: async () => (await import('./stop.ts')).STOP,
  },

  async run([name]) {
    throw new UsageError(name === undefined ? 'COMMAND is missing' : `there is no command clip ${name}`);
  },
};
