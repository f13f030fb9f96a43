import { type CliCommand, UsageError } from '../cli-command.ts';

export const CLIPS: CliCommand = {
  name: 'clips',
  summary: 'stored clips: export, verify',
  usage: `cambox clips export   copy clips to a folder or a server, sealed if you like
cambox clips verify   look whether clips, or exported files, are whole

cambox clips COMMAND --help tells more.`,
  commands: {
    export: async () => (await import('./export.ts')).EXPORT,
    verify: async () => (await import('./verify.ts')).VERIFY,
  },

  async run([name]) {
    throw new UsageError(name === undefined ? 'COMMAND is missing' : `there is no command clips ${name}`);
  },
};
