import { type CliCommand, UsageError } from '../cli-command.ts';
import { readOptions } from '../options.ts';
import { askForPage, CATALOGUE_OPTIONS, CATALOGUE_USAGE } from './ask-catalogue.ts';
import { FILTER_OPTIONS, FILTER_USAGE, filterArguments } from './clip-filter.ts';
import { printPage } from './clip-rows.ts';

export const SEARCH: CliCommand = {
  name: 'clips search',
  summary: 'find clips by words of camera, label, place, events and notes',
  usage: `cambox clips search WORD... [options]

All words must be there. "two words" (in quotes of its own: '"two words"') stand in this order, wor* is the beginning of a
word; -- -word must not be there.

${FILTER_USAGE}
  --json
${CATALOGUE_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...FILTER_OPTIONS,
      ...CATALOGUE_OPTIONS,
      json: { type: 'boolean' },
    });
    const words = positionals.join(' ').trim();
    if (words === '') throw new UsageError('WORD is missing; cambox clips ls lists all clips');
    const filter = { words, ...filterArguments(values, Date.now()) };
    return printPage(await askForPage(io, values, filter), values.json, io);
  },
};
