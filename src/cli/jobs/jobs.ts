import { type CliCommand, UsageError } from '../cli-command.ts';

export const JOBS: CliCommand = {
  name: 'jobs',
  summary: 'what the daemon makes with ffmpeg: ls, show, cancel',
  usage: `cambox jobs ls       list what is recorded, runs, waits and, with --finished, is over
cambox jobs show     all that is known of one, with its result
cambox jobs cancel   end them

cambox jobs COMMAND --help tells more.`,
  commands: {
    ls: async () => (await import('./ls.ts')).LS,
    show: async () => (await import('./show.ts')).SHOW,
    cancel: async () => (await import('./cancel.ts')).CANCEL,
  },

  async run([name]) {
    throw new UsageError(name === undefined ? 'COMMAND is missing' : `there is no command jobs ${name}`);
  },
};
