import { type CliCommand, UsageError } from '../cli-command.ts';

export const CLIPS: CliCommand = {
  name: 'clips',
  summary: 'stored clips: ls, search, show, note, protect, rm, made, triggers, export, verify',
  usage: `cambox clips ls       list them, newest first
cambox clips search   find them by words
cambox clips show     all that is known of one
cambox clips note     write words to one, by which it can be found
cambox clips protect  keep one whatever room is needed
cambox clips rm       remove them
cambox clips made     list cuts and timelapses that were made of them
cambox clips triggers list who asked for recordings, and what became of it
cambox clips export   copy clips to a folder or a server, sealed if you like
cambox clips verify   look whether clips, or exported files, are whole

cambox clips COMMAND --help tells more.`,
  commands: {
    ls: async () => (await import('./ls.ts')).LS,
    search: async () => (await import('./search.ts')).SEARCH,
    show: async () => (await import('./show.ts')).SHOW,
    note: async () => (await import('./note.ts')).NOTE,
    protect: async () => (await import('./protect.ts')).PROTECT,
    made: async () => (await import('./made.ts')).MADE,
    triggers: async () => (await import('./triggers.ts')).TRIGGERS,
    rm: async () => (await import('./rm.ts')).RM,
    export: async () => (await import('./export.ts')).EXPORT,
    verify: async () => (await import('./verify.ts')).VERIFY,
  },

  async run([name]) {
    throw new UsageError(name === undefined ? 'COMMAND is missing' : `there is no command clips ${name}`);
  },
};
