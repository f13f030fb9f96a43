import { type CliCommand, UsageError } from '../cli-command.ts';
import { readOptions } from '../options.ts';
import { askForPage, CATALOGUE_OPTIONS, CATALOGUE_USAGE } from './ask-catalogue.ts';
import { FILTER_OPTIONS, FILTER_USAGE, filterArguments } from './clip-filter.ts';
import { printPage } from './clip-rows.ts';

export const LS: CliCommand = {
  name: 'clips ls',
  summary: 'list the clips of the box, newest first',
  usage: `cambox clips ls [options]

${FILTER_USAGE}
  --json
${CATALOGUE_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...FILTER_OPTIONS,
      ...CATALOGUE_OPTIONS,
      json: { type: 'boolean' },
    });
    if (positionals.length > 0) throw new UsageError(`ls takes no words: cambox clips search ${positionals.join(' ')}`);
    const filter = filterArguments(values, Date.now());
    return printPage(await askForPage(io, values, filter), values.json, io);
  },
};
